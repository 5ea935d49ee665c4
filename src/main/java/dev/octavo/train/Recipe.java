package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.program.TrainProgram.BatchNorm;
import java.io.Serializable;
import java.util.Objects;

/**
 * How a network is trained.
 *
 * @param epochs passes over the train split
 * @param batchSize pictures per step and worker
 * @param imageSize height and width that pictures are cropped to
 * @param optimizer how gradients change the weights
 * @param warmupEpochs of linear warm-up, before the cosine
 * @param labelSmoothing from 0 (off) to less than 1
 * @param batchNorm which statistics batch norm uses in training
 * @param seed of everything random
 */
public record Recipe(
    int epochs,
    int batchSize,
    int imageSize,
    SgdSettings optimizer,
    double warmupEpochs,
    double labelSmoothing,
    BatchNorm batchNorm,
    long seed)
    implements Serializable {
  /** Checks the ranges. */
  public Recipe {
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(batchNorm, "batchNorm");
    check(epochs >= 1, "number of epochs", epochs);
    check(batchSize >= 1 && batchSize <= 4096, "batch size", batchSize);
    check(imageSize >= 32 && imageSize <= 1024, "image size", imageSize);
    check(warmupEpochs >= 0 && warmupEpochs < epochs, "number of warm-up epochs", warmupEpochs);
    check(labelSmoothing >= 0 && labelSmoothing < 1, "label smoothing", labelSmoothing);
  }

  LearningRateSchedule schedule() {
    return LearningRateSchedule.cosine(warmupEpochs, epochs);
  }

  private static void check(boolean ok, String what, Number value) {
    if (!ok) {
      throw new OctavoException.Usage("the %s can't be %s".formatted(what, value));
    }
  }
}
