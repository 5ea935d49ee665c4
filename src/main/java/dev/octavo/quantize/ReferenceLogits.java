package dev.octavo.quantize;

import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.metrics.ConfusionMatrix;
import dev.octavo.metrics.Ratio;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.metrics.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The float program's logits on some images, which quantized programs are compared with. */
final class ReferenceLogits {
  private final EvaluationImages images;
  private final int classes;
  private final List<float[]> batches;

  /**
   * The given logits.
   *
   * @param batches those of each batch of the images
   */
  ReferenceLogits(List<float[]> batches, EvaluationImages images, int classes) {
    this.batches = batches;
    this.images = images;
    this.classes = classes;
  }

  /** Runs the float program over the images. */
  static ReferenceLogits of(InferenceProgram reference, EvaluationImages images, int classes) {
    List<float[]> batches = new ArrayList<>();
    images.forEach(batch -> batches.add(reference.forward(batch.images()).toFloats()));
    return new ReferenceLogits(batches, images, classes);
  }

  /** Returns whether there are no images. */
  boolean isEmpty() {
    return batches.isEmpty();
  }

  /** Runs a quantized program over the same images. */
  Comparison compare(InferenceProgram quantized) {
    Sums sums = new Sums();
    int[] next = {0};
    images.forEach(
        batch ->
            sums.add(
                batches.get(next[0]++),
                quantized.forward(batch.images()).toFloats(),
                batch.labels()));
    return sums.comparison();
  }

  private final class Sums {
    private final List<ConfusionMatrix.Cell> floatCells = new ArrayList<>();
    private final List<ConfusionMatrix.Cell> int8Cells = new ArrayList<>();
    private Ratio agreement = Ratio.NONE;
    private SignalToNoise logits = SignalToNoise.NONE;

    void add(float[] reference, float[] approximation, int[] labels) {
      logits = logits.plus(SignalToNoise.of(reference, approximation));
      for (int i = 0; i < labels.length; i++) {
        int expected = best(reference, i);
        int predicted = best(approximation, i);
        agreement = agreement.plus(Ratio.Outcome.of(expected == predicted));
        if (labels[i] >= 0) {
          floatCells.add(new ConfusionMatrix.Cell(labels[i], expected, 1));
          int8Cells.add(new ConfusionMatrix.Cell(labels[i], predicted, 1));
        }
      }
    }

    private int best(float[] batch, int image) {
      return TopK.indices(Arrays.copyOfRange(batch, image * classes, (image + 1) * classes), 1)[0];
    }

    Comparison comparison() {
      return new Comparison(
          ConfusionMatrix.of(classes, floatCells),
          ConfusionMatrix.of(classes, int8Cells),
          agreement,
          logits);
    }
  }
}
