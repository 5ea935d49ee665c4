package dev.octavo.report;

import dev.octavo.metrics.ConfusionMatrix;
import dev.octavo.metrics.Ratio;
import dev.octavo.report.Html.Look;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.Accuracy;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The models' errors: the classes that they recognise least and the pairs that they confuse. */
final class Confusions {
  private static final int WORST = 10;

  private Confusions() {}

  /** The section; empty when no labels are known. */
  static String html(ScoreMetrics metrics) {
    StringBuilder html = new StringBuilder();
    for (ModelMetrics model : metrics.models()) {
      if (model.accuracy() != null) {
        html.append("<h3>").append(Html.text(model.name())).append("</h3>\n");
        html.append("<div class=\"pair\">\n");
        html.append(worstClasses(model.accuracy()));
        html.append(mostConfused(model.accuracy()));
        html.append("</div>\n");
      }
    }
    return html.isEmpty() ? "" : Html.section("Errors", html.toString());
  }

  private static String worstClasses(Accuracy accuracy) {
    ConfusionMatrix matrix = accuracy.matrix();
    List<List<String>> lines =
        IntStream.range(0, matrix.classes())
            .boxed()
            .filter(c -> matrix.recall(c).total() > 0)
            .sorted(Comparator.comparingDouble(c -> matrix.recall(c).value()))
            .limit(WORST)
            .map(
                c ->
                    List.of(
                        accuracy.classes().get(c),
                        share(matrix.recall(c)),
                        share(matrix.precision(c)),
                        Html.format("%,d", matrix.recall(c).total())))
            .toList();
    return Html.table(
        Look.FIGURES,
        "Classes recognised least",
        List.of("class", "recall", "precision", "images"),
        lines);
  }

  private static String mostConfused(Accuracy accuracy) {
    ConfusionMatrix matrix = accuracy.matrix();
    List<ConfusionMatrix.Cell> cells = matrix.mostConfused(WORST);
    if (cells.isEmpty()) {
      return Html.note("Every labelled image was recognised.");
    }
    List<List<String>> lines =
        cells.stream()
            .map(
                cell ->
                    List.of(
                        accuracy.classes().get(cell.truth()),
                        accuracy.classes().get(cell.predicted()),
                        Html.format("%,d", cell.count()),
                        share(new Ratio(cell.count(), matrix.recall(cell.truth()).total()))))
            .toList();
    return Html.table(
        Look.FIGURES,
        "Classes confused most",
        List.of("true class", "taken for", "images", "of its class"),
        lines);
  }

  private static String share(Ratio ratio) {
    return ratio.total() == 0 ? "–" : Html.format("%.1f %%", 100 * ratio.value());
  }
}
