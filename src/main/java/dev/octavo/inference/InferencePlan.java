package dev.octavo.inference;

import dev.octavo.OctavoException;
import dev.octavo.image.codec.DecodeLimits;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The driver's instructions for the executors: the models to run, and the batches.
 *
 * @param specs of the models
 * @param batchSize images per call of a model
 * @param outputs what a prediction holds
 * @param limits on files and images
 * @param decodeTime after which an image that is still being decoded is given up
 * @param conf how to reach the bundles and the files
 */
public record InferencePlan(
    List<ModelSpec> specs,
    int batchSize,
    Outputs outputs,
    DecodeLimits limits,
    Duration decodeTime,
    SerializableConfiguration conf)
    implements Serializable {
  /** The decode time that ends only what is out of all proportion: a minute. */
  public static final Duration DECODE_TIME = Duration.ofSeconds(60);

  /**
   * Checks them.
   *
   * @throws OctavoException.Usage if a number is out of range
   */
  public InferencePlan {
    specs = List.copyOf(specs);
    Objects.requireNonNull(outputs, "outputs");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(conf, "conf");
    if (batchSize < 1 || batchSize > 1024) {
      throw new OctavoException.Usage("--batch-size must be between 1 and 1024, not " + batchSize);
    }
    if (decodeTime.isNegative() || decodeTime.isZero()) {
      throw new OctavoException.Usage("--max-decode-seconds must be positive");
    }
  }
}
