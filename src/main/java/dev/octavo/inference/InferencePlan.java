package dev.octavo.inference;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The driver's instructions for the executors.
 *
 * @param models to run, and their batches
 * @param outputs what a prediction holds
 * @param conf how to reach the bundles and the files
 */
public record InferencePlan(ModelSetSpec models, Outputs outputs, SerializableConfiguration conf)
    implements Serializable {
  /** The decode time that ends only what is out of all proportion: a minute. */
  public static final Duration DECODE_TIME = Duration.ofSeconds(60);

  /** Requires all three. */
  public InferencePlan {
    Objects.requireNonNull(models, "models");
    Objects.requireNonNull(outputs, "outputs");
    Objects.requireNonNull(conf, "conf");
  }
}
