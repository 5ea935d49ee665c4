package dev.octavo.score;

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

/** Figures of written predictions. Counts are summed first and divided once. */
sealed interface PredictionMetrics permits CollectedMetrics, QueriedMetrics {
  int TOP = 5;

  /**
   * Rows that the driver counts itself, read once: 200 bytes × 100,000 = 20 MB. Spark takes half a
   * second for each of its queries, so it is no faster below.
   */
  long MOST_COLLECTED = 100_000;

  /**
   * Over rows of {@link PredictionRows}.
   *
   * @param expected how many there should be
   */
  static PredictionMetrics of(Dataset<Row> predictions, long expected) {
    return expected <= MOST_COLLECTED
        ? CollectedMetrics.read(predictions)
        : new QueriedMetrics(predictions);
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

  /**
   * Rows of one model that have the same truth and the same prediction.
   *
   * @param top those whose truth is among the {@value #TOP} likeliest classes
   */
  record Cell(String truth, String label, long rows, long top) {}

  /** By model. */
  Map<String, Counts> counts();

  /** The rows of one model whose truth is known. */
  List<Cell> cells(String model);

  /** The agreement of two models, over the inputs that both have a class for. */
  Agreement agreement(String first, String second);

  /** The accuracy of one model, null if none of its predictions has a known truth. */
  default Accuracy accuracy(String model, List<String> classes) {
    Map<String, Integer> indices = new HashMap<>();
    for (String name : classes) {
      indices.put(name, indices.size());
    }
    List<ConfusionMatrix.Cell> cells = new ArrayList<>();
    Ratio top = Ratio.NONE;
    for (Cell cell : cells(model)) {
      int truth = indices.get(cell.truth());
      int predicted = indices.get(cell.label());
      cells.add(new ConfusionMatrix.Cell(truth, predicted, cell.rows()));
      top = top.plus(new Ratio(cell.top(), cell.rows()));
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
}
