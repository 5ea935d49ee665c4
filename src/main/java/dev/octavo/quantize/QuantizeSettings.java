package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Staging;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * What {@link Quantize} is told.
 *
 * @param model bundle of a float model
 * @param data dataset that it was trained on
 * @param out where the int8 bundle goes
 * @param ifExists what to do when something is there already
 * @param calibrationImages how many pictures of the train split ranges are observed on
 * @param seed of their choice
 * @param method how ranges are chosen
 * @param weightBits 8, or 7 for CPUs that sum products of bytes in 16 bits
 */
public record QuantizeSettings(
    Path model,
    Path data,
    Path out,
    Staging.IfExists ifExists,
    int calibrationImages,
    long seed,
    RangeMethod method,
    int weightBits) {

  /** Checks the ranges. */
  public QuantizeSettings {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(out, "out");
    if (calibrationImages < 1) {
      throw new OctavoException.Usage(
          "--calibration-images must be at least 1, not " + calibrationImages);
    }
    if (weightBits != 7 && weightBits != 8) {
      throw new OctavoException.Usage("--weight-bits must be 7 or 8, not " + weightBits);
    }
  }
}
