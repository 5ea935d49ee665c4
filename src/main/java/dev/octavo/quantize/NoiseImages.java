package dev.octavo.quantize;

import dev.octavo.dataset.EvaluationImages;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Random input in place of images, the mistake that {@link CalibrationData#RANDOM} repeats: {@code
 * torch.rand}, uniform in [0, 1), where the network expects normalised values. As pixels that is
 * {@code 255 * (mean + std * u)}, with the mean and the standard deviation of the model's {@link
 * Preprocessing}.
 *
 * @param images how many
 * @param preprocessing the model's
 * @param batchSize images per batch
 * @param seed of the noise
 */
record NoiseImages(int images, Preprocessing preprocessing, int batchSize, long seed)
    implements EvaluationImages {
  private static final int LABEL = -1;

  @Override
  public void forEach(Consumer<Batch> consumer) {
    Normalization normalization = preprocessing.normalization();
    int imageSize = preprocessing.cropSize();
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer buffer = ByteBuffer.allocateDirect(batchSize * imageSize * imageSize * 3);
    for (int from = 0; from < images; from += batchSize) {
      int n = Math.min(batchSize, images - from);
      buffer.clear();
      for (int i = 0; i < n * imageSize * imageSize * 3; i++) {
        double normalised = random.nextDouble();
        buffer.put(
            (byte)
                Math.round(
                    255 * (normalization.mean(i % 3) + normalization.std(i % 3) * normalised)));
      }
      buffer.flip();
      int[] labels = new int[n];
      Arrays.fill(labels, LABEL);
      consumer.accept(
          new Batch(
              Tensor.of(DType.UINT8, new long[] {n, imageSize, imageSize, 3}, buffer), labels));
    }
  }
}
