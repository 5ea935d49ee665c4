package dev.octavo.results;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * The figures in the manifest of scores. Each model's {@code images NAME} and {@code failures NAME}
 * (rows with a prediction and with an error) stand beside them.
 *
 * @param rounds committed
 * @param inputs images, each with a row per model
 * @param wallMillis spent on scoring, over all rounds
 * @param skipped files that are no inputs, by reason
 */
public record ScoresFigures(int rounds, long inputs, long wallMillis, Map<String, Long> skipped) {
  /** Checks that the counts are not negative. */
  public ScoresFigures {
    InvalidSetting.require(rounds >= 0, "rounds", rounds, "not negative");
    InvalidSetting.require(inputs >= 0, "inputs", inputs, "not negative");
  }

  /** The entries of the manifest. */
  public Map<String, Object> entries(ScoreMetrics metrics) {
    Map<String, Object> entries = new TreeMap<>(RecordEntries.of(this));
    metrics
        .models()
        .forEach(
            model -> {
              entries.put("images " + model.name(), model.images());
              entries.put("failures " + model.name(), model.failures());
            });
    return entries;
  }

  /**
   * Reads them from the manifest of the scores in a directory.
   *
   * @throws dev.octavo.OctavoException if one is missing or wrong
   */
  public static ScoresFigures read(Manifest manifest, Path directory) {
    String source = new Path(directory, Manifest.FILE_NAME).toString();
    return RecordEntries.read(ScoresFigures.class, manifest.figures(source));
  }
}
