package dev.octavo.report;

import dev.octavo.report.LineChart.Series;
import dev.octavo.report.LineChart.Start;
import dev.octavo.report.ReportInputs.Model;
import dev.octavo.results.Csv;
import java.util.List;

/** Loss and top-1 over the epochs, from each trained model's {@code history.csv}. */
final class TrainingCurves {
  private TrainingCurves() {}

  /** The section; empty when no model has a history. */
  static String html(List<Model> models) {
    StringBuilder html = new StringBuilder();
    for (Model model : models) {
      if (!model.history().isEmpty()) {
        html.append("<h3>").append(Html.text(model.metrics().name())).append("</h3>\n");
        html.append("<div class=\"pair\">\n");
        html.append(chart("Loss", "cross-entropy", "loss", Start.DATA, 1, model.history()));
        html.append(chart("Top-1 accuracy", "percent", "top1", Start.ZERO, 100, model.history()));
        html.append("</div>\n");
      }
    }
    return html.isEmpty() ? "" : Html.section("Training", html.toString());
  }

  private static String chart(
      String title, String unit, String column, Start start, double scale, List<Csv.Row> history) {
    List<Series> series =
        List.of(
            new Series("train", values(history, "train_" + column, scale)),
            new Series("val", values(history, "val_" + column, scale)));
    return new LineChart(title, unit, series, start).toHtml();
  }

  private static List<Double> values(List<Csv.Row> history, String column, double scale) {
    return history.stream()
        .map(row -> row.text(column).isEmpty() ? Double.NaN : scale * row.number(column))
        .toList();
  }
}
