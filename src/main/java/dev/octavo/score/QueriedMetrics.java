package dev.octavo.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.octavo.inference.PredictionColumns;
import dev.octavo.results.ScoreMetrics.Agreement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Figures that executors count.
 *
 * @param predictions rows of {@link PredictionRows}
 */
record QueriedMetrics(Dataset<Row> predictions) implements PredictionMetrics {
  @Override
  public Map<String, Counts> counts() {
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

  @Override
  public List<Cell> cells(String model) {
    return predictions
        .where(
            col(PredictionRows.MODEL)
                .equalTo(model)
                .and(col(PredictionRows.TRUTH_RANK).isNotNull()))
        .groupBy(PredictionRows.TRUTH, PredictionColumns.LABEL)
        .agg(count(lit(1)), sum(when(col(PredictionRows.TRUTH_RANK).leq(TOP), 1L).otherwise(0L)))
        .collectAsList()
        .stream()
        .map(row -> new Cell(row.getString(0), row.getString(1), row.getLong(2), row.getLong(3)))
        .toList();
  }

  @Override
  public Agreement agreement(String first, String second) {
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
