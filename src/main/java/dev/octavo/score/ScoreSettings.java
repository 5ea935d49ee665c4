package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Staging.IfExists;
import dev.octavo.bundle.Precision;
import dev.octavo.image.DecodeLimits;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * What to score with what.
 *
 * @param models bundles; the first is what the others are compared with
 * @param source of the images
 * @param out where the scores go
 * @param ifExists what to do when something is there
 * @param batchSize images per call of a model
 * @param topK classes listed per prediction
 * @param precision of float bundles; int8 bundles are always int8
 * @param limits on files and pictures
 * @param latencyTime how long to measure each model at each batch size of the results table
 */
public record ScoreSettings(
    List<Path> models,
    InputSource source,
    Path out,
    IfExists ifExists,
    int batchSize,
    int topK,
    Precision precision,
    DecodeLimits limits,
    Duration latencyTime) {
  /**
   * Checks them.
   *
   * @throws OctavoException.Usage if there is no model, one twice, or a number is out of range
   */
  public ScoreSettings {
    models = List.copyOf(models);
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(ifExists, "ifExists");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(latencyTime, "latencyTime");
    if (models.isEmpty()) {
      throw new OctavoException.Usage("there is no model to score with: pass --model");
    }
    if (new HashSet<>(models).size() < models.size()) {
      throw new OctavoException.Usage("the same --model is given twice: " + models);
    }
    if (batchSize < 1 || batchSize > 1024) {
      throw new OctavoException.Usage("--batch-size must be between 1 and 1024, not " + batchSize);
    }
    if (topK < 1) {
      throw new OctavoException.Usage("--top-k must be at least 1, not " + topK);
    }
    if (precision == Precision.INT8) {
      throw new OctavoException.Usage(
          "--precision is that of float models (fp32, bf16, portable): for int8 pass an int8 model");
    }
  }
}
