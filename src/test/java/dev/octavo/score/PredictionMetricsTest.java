package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.results.ScoreMetrics.Agreement;
import dev.octavo.score.PredictionMetrics.Cell;
import dev.octavo.score.PredictionMetrics.Counts;
import dev.octavo.spark.LocalCluster;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

final class PredictionMetricsTest {
  private static final List<Row> ROWS =
      List.of(
          row("a", "1", null, "gym", "gym", 1),
          row("a", "2", null, "bar", "gym", 2),
          row("a", "3", null, "bar", "gym", 6),
          row("a", "4", null, "bar", null, null),
          row("a", "5", "empty", null, "gym", null),
          row("b", "1", null, "gym", "gym", 1),
          row("b", "2", null, "gym", "gym", 1),
          row("b", "3", null, "bar", "gym", 2),
          row("b", "4", "slow", null, null, null),
          row("b", "5", "empty", null, "gym", null));

  @Test
  void theDriverCountsWhatExecutorsWould() {
    Dataset<Row> rows = LocalCluster.session().createDataFrame(ROWS, PredictionRows.SCHEMA);
    for (PredictionMetrics metrics :
        List.of(CollectedMetrics.of(ROWS), CollectedMetrics.read(rows), new QueriedMetrics(rows))) {
      assertThat(metrics.counts())
          .containsEntry("a", new Counts(5, 5, 1))
          .containsEntry("b", new Counts(5, 5, 2));
      assertThat(metrics.cells("a"))
          .containsExactlyInAnyOrder(new Cell("gym", "gym", 1, 1), new Cell("gym", "bar", 2, 1));
      assertThat(metrics.agreement("a", "b")).isEqualTo(new Agreement("a", "b", 3, 2));
      assertThat(metrics.accuracy("a", List.of("bar", "gym")).top5()).isEqualTo(2.0 / 3);
    }
  }

  @Test
  void aPathTwiceIsOneInput() {
    List<Row> rows = new ArrayList<>(ROWS);
    rows.add(row("a", "1", null, "gym", "gym", 1));
    assertThat(CollectedMetrics.of(rows).counts()).containsEntry("a", new Counts(6, 5, 1));
  }

  private static Row row(
      String model, String path, String error, String label, String truth, Integer rank) {
    Object[] values = new Object[PredictionRows.SCHEMA.size()];
    values[at("model")] = model;
    values[at("path")] = path;
    values[at("precision")] = "fp32";
    values[at("error")] = error;
    values[at("label")] = label;
    values[at("truth")] = truth;
    values[at("truth_rank")] = rank;
    return RowFactory.create(values);
  }

  private static int at(String column) {
    return PredictionRows.SCHEMA.fieldIndex(column);
  }
}
