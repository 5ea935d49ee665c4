package dev.octavo.score;

import dev.octavo.inference.PredictionColumns;
import dev.octavo.results.ScoreMetrics.Agreement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** Figures that the driver counts in rows that it has read once. */
final class CollectedMetrics implements PredictionMetrics {
  /**
   * The columns of a prediction that metrics need.
   *
   * @param label null where there is an error
   * @param truth null where it is unknown, or no class of the model
   * @param top whether the truth is among the likeliest
   */
  private record Said(String path, String label, String truth, boolean top) {}

  private final Map<String, List<Said>> rows = new HashMap<>();

  private CollectedMetrics() {}

  private static final List<String> COLUMNS =
      List.of(
          PredictionRows.MODEL,
          PredictionRows.PATH,
          PredictionColumns.ERROR,
          PredictionColumns.LABEL,
          PredictionRows.TRUTH,
          PredictionRows.TRUTH_RANK);

  /** Reads rows with at least the columns of {@link PredictionRows}. */
  static CollectedMetrics read(Dataset<Row> predictions) {
    Column[] columns = COLUMNS.stream().map(functions::col).toArray(Column[]::new);
    CollectedMetrics metrics = new CollectedMetrics();
    for (Row row : predictions.select(columns).collectAsList()) {
      metrics.add(row, 0, 1, 2, 3, 4, 5);
    }
    return metrics;
  }

  /** Over rows of {@link PredictionRows#SCHEMA}. */
  static CollectedMetrics of(List<Row> rows) {
    int[] at = COLUMNS.stream().mapToInt(PredictionRows.SCHEMA::fieldIndex).toArray();
    CollectedMetrics metrics = new CollectedMetrics();
    rows.forEach(row -> metrics.add(row, at));
    return metrics;
  }

  /** Adds a row that has the {@link #COLUMNS} at these places. */
  private void add(Row row, int... at) {
    boolean known = !row.isNullAt(at[5]);
    rows.computeIfAbsent(row.getString(at[0]), model -> new ArrayList<>())
        .add(
            new Said(
                row.getString(at[1]),
                row.isNullAt(at[2]) ? row.getString(at[3]) : null,
                known ? row.getString(at[4]) : null,
                known && row.getInt(at[5]) <= TOP));
  }

  @Override
  public Map<String, Counts> counts() {
    Map<String, Counts> counts = new HashMap<>();
    rows.forEach(
        (model, said) ->
            counts.put(
                model,
                new Counts(
                    said.size(),
                    said.stream().map(Said::path).distinct().count(),
                    said.stream().filter(s -> s.label() == null).count())));
    return counts;
  }

  @Override
  public List<Cell> cells(String model) {
    Map<List<String>, Cell> cells = new HashMap<>();
    for (Said said : rows.getOrDefault(model, List.of())) {
      if (said.truth() != null) {
        cells.merge(
            List.of(said.truth(), said.label()),
            new Cell(said.truth(), said.label(), 1, said.top() ? 1 : 0),
            (a, b) -> new Cell(a.truth(), a.label(), a.rows() + b.rows(), a.top() + b.top()));
      }
    }
    return List.copyOf(cells.values());
  }

  @Override
  public Agreement agreement(String first, String second) {
    Map<String, String> labels = new HashMap<>();
    for (Said said : rows.getOrDefault(first, List.of())) {
      if (said.label() != null) {
        labels.put(said.path(), said.label());
      }
    }
    long both = 0;
    long same = 0;
    for (Said said : rows.getOrDefault(second, List.of())) {
      String other = labels.get(said.path());
      if (said.label() != null && other != null) {
        both++;
        same += said.label().equals(other) ? 1 : 0;
      }
    }
    return new Agreement(first, second, both, same);
  }
}
