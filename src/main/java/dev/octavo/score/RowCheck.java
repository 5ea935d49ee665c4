package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.results.ThroughputRow;
import java.util.List;

/** Every input is exactly one row per model, and the partitions' counts add up to the rows. */
final class RowCheck {
  private RowCheck() {}

  /**
   * Compares what was listed, what was written and what the partitions report.
   *
   * @throws OctavoException if they differ
   */
  static void check(
      String model, long inputs, PredictionMetrics.Counts written, List<ThroughputRow> throughput) {
    long reported =
        throughput.stream()
            .filter(row -> row.model().equals(model))
            .mapToLong(row -> row.images() + row.failures())
            .sum();
    if (written.rows() != inputs || written.inputs() != inputs || reported != inputs) {
      throw new OctavoException(
          ("model %s: of %d inputs, %d rows for %d of them were written and the partitions report %d;"
                  + " nothing was published (did the source change while it was read?)")
              .formatted(model, inputs, written.rows(), written.inputs(), reported));
    }
  }
}
