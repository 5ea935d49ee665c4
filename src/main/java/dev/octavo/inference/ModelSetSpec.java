package dev.octavo.inference;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.image.codec.DecodeLimits;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * The models to run, and the batches that go through them.
 *
 * @param specs of the models
 * @param batchSize images per call of a model
 * @param limits on files and images
 * @param decodeTime after which an image that is still being decoded is given up
 */
public record ModelSetSpec(
    List<ModelSpec> specs, int batchSize, DecodeLimits limits, Duration decodeTime)
    implements Serializable {
  /**
   * Checks them.
   *
   * @throws InvalidSetting if a number is out of range
   */
  public ModelSetSpec {
    specs = List.copyOf(specs);
    Objects.requireNonNull(limits, "limits");
    InvalidSetting.require(
        batchSize >= 1 && batchSize <= 1024, "batchSize", batchSize, "from 1 to 1024");
    InvalidSetting.require(
        !decodeTime.isNegative() && !decodeTime.isZero(),
        "maxDecodeSeconds",
        decodeTime.toMillis() / 1e3,
        "above 0");
  }
}
