package dev.octavo.score;

import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ThroughputRow;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * The result of scoring.
 *
 * @param out where the scores are
 * @param metrics per model
 * @param throughput one row per partition and model, by partition
 * @param added inputs that this run scored; 0 if all were scored before
 */
public record ScoreResult(
    Path out, ScoreMetrics metrics, List<ThroughputRow> throughput, long added) {
  /** Copies the list. */
  public ScoreResult {
    throughput = List.copyOf(throughput);
  }
}
