package dev.octavo.bundle;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Unwrapped;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The figures in the manifest of a bundle that was trained.
 *
 * @param epoch whose weights the bundle has, from 1
 * @param trainImages images of the train split
 * @param valImages images of the val split
 * @param trainLoss mean loss in that epoch
 * @param trainTop1 top-1 accuracy in that epoch, on images as they were augmented
 * @param val after that epoch; empty without a val split
 */
public record TrainingFigures(
    int epoch,
    int trainImages,
    int valImages,
    double trainLoss,
    double trainTop1,
    @Unwrapped Optional<OnVal> val) {
  /**
   * The figures on the val split.
   *
   * @param valLoss mean cross-entropy
   * @param valTop1 top-1 accuracy, 0 to 1
   * @param valTop5 top-5 accuracy, 0 to 1
   * @param valMeanPerClass mean over the classes of each one's accuracy, 0 to 1
   */
  public record OnVal(double valLoss, double valTop1, double valTop5, double valMeanPerClass) {}

  /**
   * Reads them from the manifest of the bundle in a directory; empty for one that was not trained.
   *
   * @throws dev.octavo.OctavoException if one is missing or wrong
   */
  public static Optional<TrainingFigures> read(Manifest manifest, Path directory) {
    String source = new Path(directory, Manifest.FILE_NAME).toString();
    return RecordEntries.readIfAny(TrainingFigures.class, manifest.figures(source));
  }
}
