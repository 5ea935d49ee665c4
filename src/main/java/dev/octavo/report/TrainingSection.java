package dev.octavo.report;

import dev.octavo.report.LineChart.Series;
import dev.octavo.report.LineChart.Start;
import dev.octavo.report.ReportInputs.Model;
import dev.octavo.results.Csv;
import java.util.List;

/** The course of each training, from the model's {@code history.csv}. */
record TrainingSection(List<Model> models) implements Section {
  @Override
  public String title() {
    return "Training";
  }

  @Override
  public String body() {
    StringBuilder html = new StringBuilder();
    for (Model model : models) {
      if (!model.history().isEmpty()) {
        html.append(Html.heading(model.metrics().name()))
            .append("<div class=\"pair\">\n")
            .append(charts(model.metrics().name(), model.history()))
            .append("</div>\n");
      }
    }
    return html.toString();
  }

  private static String charts(String model, List<Csv.Row> history) {
    return chart(
            "Loss of " + model,
            "cross-entropy",
            Start.DATA,
            values("train", history, "train_loss", 1),
            values("val", history, "val_loss", 1))
        + chart(
            "Accuracy of " + model,
            "percent",
            Start.DATA,
            values("top-1, train", history, "train_top1", 100),
            values("top-1, val", history, "val_top1", 100),
            values("mean per class, val", history, "val_mean_per_class", 100))
        + chart(
            "Learning rate of " + model,
            "rate",
            Start.ZERO,
            values("learning rate", history, "learning_rate", 1))
        + chart(
            "Images a second of " + model,
            "images/s",
            Start.ZERO,
            values("images a second", history, "images_per_second", 1))
        + chart(
            "Where a step’s time goes for " + model,
            "ms per step",
            Start.ZERO,
            values("network and update", history, "compute_ms", 1),
            values("exchange between workers", history, "communication_ms", 1),
            values("waiting for images", history, "wait_ms", 1));
  }

  private static String chart(String title, String unit, Start start, Series... series) {
    return new LineChart(title, "epoch", unit, List.of(series), start).html();
  }

  private static Series values(String name, List<Csv.Row> history, String column, double scale) {
    return Series.of(
        name,
        history.stream()
            .map(
                row ->
                    row.cells().getOrDefault(column, "").isEmpty()
                        ? Double.NaN
                        : scale * row.number(column))
            .toList());
  }
}
