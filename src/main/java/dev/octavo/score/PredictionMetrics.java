package dev.octavo.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.octavo.inference.PredictionColumns;
import dev.octavo.metrics.ConfusionMatrix;
import dev.octavo.metrics.Ratio;
import dev.octavo.results.ScoreMetrics.Accuracy;
import dev.octavo.results.ScoreMetrics.Agreement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Figures of written predictions. Counts are summed on the executors and divided here, once. */
final class PredictionMetrics {
  private static final int TOP = 5;

  private final Dataset<Row> predictions;

  /** Over rows of {@link PredictionRows}. */
  PredictionMetrics(Dataset<Row> predictions) {
    this.predictions = predictions;
  }

  /**
   * The rows of one model.
   *
   * @param rows all of them
   * @param inputs different paths among them
   * @param errors rows with an error
   */
  record Counts(long rows, long inputs, long errors) {
    static final Counts NONE = new Counts(0, 0, 0);
  }

  /** By model. */
  Map<String, Counts> counts() {
    Map<String, Counts> counts = new HashMap<>();
    List<Row> rows =
        predictions
            .groupBy(PredictionRows.MODEL)
            .agg(
                count(lit(1)),
                countDistinct(PredictionRows.PATH),
                count(col(PredictionColumns.ERROR)))
            .collectAsList();
    for (Row row : rows) {
      counts.put(row.getString(0), new Counts(row.getLong(1), row.getLong(2), row.getLong(3)));
    }
    return counts;
  }

  /** The accuracy of one model, null if none of its predictions has a known truth. */
  Accuracy accuracy(String model, List<String> classes) {
    List<Row> rows =
        predictions
            .where(
                col(PredictionRows.MODEL)
                    .equalTo(model)
                    .and(col(PredictionRows.TRUTH_RANK).isNotNull()))
            .groupBy(PredictionRows.TRUTH, PredictionColumns.LABEL)
            .agg(
                count(lit(1)), sum(when(col(PredictionRows.TRUTH_RANK).leq(TOP), 1L).otherwise(0L)))
            .collectAsList();
    Map<String, Integer> indices = new HashMap<>();
    for (String name : classes) {
      indices.put(name, indices.size());
    }
    List<ConfusionMatrix.Cell> cells = new ArrayList<>();
    Ratio top = Ratio.NONE;
    for (Row row : rows) {
      int truth = indices.get(row.getString(0));
      int predicted = indices.get(row.getString(1));
      cells.add(new ConfusionMatrix.Cell(truth, predicted, row.getLong(2)));
      top = top.plus(new Ratio(row.getLong(3), row.getLong(2)));
    }
    if (top.total() == 0) {
      return null;
    }
    ConfusionMatrix matrix = ConfusionMatrix.of(classes.size(), cells);
    return new Accuracy(
        top.total(),
        matrix.accuracy().value(),
        top.value(),
        matrix.meanPerClassAccuracy(),
        classes,
        matrix.cells());
  }

  /** How often two models say the same, over the inputs that both have a class for. */
  Agreement agreement(String first, String second) {
    Dataset<Row> a = labels(first, "a");
    Dataset<Row> b = labels(second, "b");
    Row row =
        a.join(b, PredictionRows.PATH)
            .agg(count(lit(1)), sum(when(col("a").equalTo(col("b")), 1L).otherwise(0L)))
            .first();
    return new Agreement(first, second, row.getLong(0), row.isNullAt(1) ? 0 : row.getLong(1));
  }

  private Dataset<Row> labels(String model, String as) {
    return predictions
        .where(col(PredictionRows.MODEL).equalTo(model).and(col(PredictionColumns.ERROR).isNull()))
        .select(col(PredictionRows.PATH), col(PredictionColumns.LABEL).as(as));
  }
}
