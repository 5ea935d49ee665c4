package dev.octavo.report;

import dev.octavo.metrics.Ratio;
import dev.octavo.metrics.Reliability;
import dev.octavo.metrics.Temperature;
import dev.octavo.report.LineChart.Point;
import dev.octavo.report.LineChart.Series;
import dev.octavo.report.LineChart.Start;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The worth of the models' probabilities, and what a least probability costs and brings. */
record ConfidenceSection(Map<String, ModelAnswers> models) implements Section {
  private static final List<Double> THRESHOLDS =
      List.of(0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99);

  /** Answers below which a bin of a diagram says little. */
  private static final int FEW_ANSWERS = 10;

  /** Steps of the curves. */
  private static final int STEPS = 50;

  @Override
  public String title() {
    return "How sure it is";
  }

  @Override
  public String body() {
    if (models.values().stream().allMatch(a -> a.reliability().coverage(0).total() == 0)) {
      return "";
    }
    StringBuilder html = new StringBuilder();
    if (isLabelled()) {
      html.append(calibration()).append(temperature());
      html.append("<div class=\"pair\">\n");
      models.forEach((name, answers) -> html.append(diagram(name, answers)));
      html.append(accuracyOverCoverage()).append("</div>\n");
    }
    models.forEach((name, answers) -> html.append(thresholds(name, answers.reliability())));
    return html.toString();
  }

  private boolean isLabelled() {
    return models.values().stream().anyMatch(a -> a.reliability().labelled() > 0);
  }

  private String calibration() {
    List<List<String>> lines = new ArrayList<>();
    models.forEach(
        (name, answers) -> {
          if (answers.reliability().labelled() > 0) {
            Reliability before = answers.reliability();
            Optional<Reliability> after = answers.tempered();
            lines.add(
                List.of(
                    name,
                    Html.format("%,d", before.labelled()),
                    Html.format("%.4f", before.expectedCalibrationError()),
                    Html.format("%.4f", before.brier()),
                    answers
                        .temperature()
                        .map(Temperature::value)
                        .map(t -> Html.format("%.3f", t))
                        .orElse(Html.UNKNOWN),
                    after
                        .map(r -> Html.format("%.4f", r.expectedCalibrationError()))
                        .orElse(Html.UNKNOWN),
                    after.map(r -> Html.format("%.4f", r.brier())).orElse(Html.UNKNOWN)));
          }
        });
    return Table.figures(
            "Calibration",
            List.of(
                "model",
                "images",
                "ECE",
                "Brier score",
                "temperature",
                "ECE with it",
                "Brier with it"),
            lines)
        .html();
  }

  private String temperature() {
    String terms =
        Html.format(
            "ECE is the expected calibration error over %d bins of equal width: how far, on"
                + " average, the probability of the named class is from how often it is right. The"
                + " Brier score is the mean of their squared distance, image by image; 0 is best"
                + " for both. The diagrams leave out bins of fewer than %d answers.",
            Reliability.BINS, FEW_ANSWERS);
    if (models.values().stream().anyMatch(a -> a.tempered().isPresent())) {
      return Html.note(
          terms
              + " The temperature divides the logits; it was fitted on the scores of"
              + " --val-scores.");
    }
    return Html.note(
        terms
            + (models.values().stream().anyMatch(a -> a.temperature().isPresent())
                ? " A temperature was fitted, but these scores don't hold the probabilities of all"
                    + " classes, so its effect can't be said: score with --probabilities."
                : " No temperature was fitted here: that takes --val-scores, scores of the val split"
                    + " by the same models, both made with --probabilities. What train or quantize"
                    + " fitted with --calibrate-confidence is in the probabilities already."));
  }

  private static String diagram(String name, ModelAnswers answers) {
    if (answers.reliability().labelled() == 0) {
      return "";
    }
    List<Series> series = new ArrayList<>();
    series.add(curve("as it is", answers.reliability()));
    answers.tempered().ifPresent(r -> series.add(curve("with the temperature", r)));
    series.add(new Series("perfect", List.of(new Point(0, 0), new Point(1, 1))));
    return new LineChart(
            "Reliability of " + name, "probability", "share of right answers", series, Start.ZERO)
        .html();
  }

  /** The bins with enough answers, or all of them where none has. */
  private static Series curve(String name, Reliability reliability) {
    List<Reliability.Bin> all = reliability.bins();
    List<Reliability.Bin> telling =
        all.stream().filter(bin -> bin.answers().total() >= FEW_ANSWERS).toList();
    return new Series(
        name,
        (telling.isEmpty() ? all : telling)
            .stream().map(bin -> new Point(bin.confidence(), bin.answers().value())).toList());
  }

  private String accuracyOverCoverage() {
    List<Series> series = new ArrayList<>();
    models.forEach(
        (name, answers) -> {
          if (answers.reliability().labelled() > 0) {
            series.add(new Series(name, tradeOff(answers.reliability())));
          }
        });
    return new LineChart(
            "Accuracy against coverage",
            "percent of the images answered",
            "percent right of them",
            series.subList(0, Math.min(LineChart.MOST_SERIES, series.size())),
            Start.DATA)
        .html();
  }

  private static List<Point> tradeOff(Reliability reliability) {
    return IntStream.rangeClosed(0, STEPS)
        .mapToObj(i -> (STEPS - i) / (double) STEPS)
        .filter(threshold -> reliability.coverage(threshold).hits() > 0)
        .map(
            threshold ->
                new Point(
                    100 * reliability.coverage(threshold).value(),
                    100 * reliability.accuracy(threshold).value()))
        .distinct()
        .toList();
  }

  private static String thresholds(String name, Reliability reliability) {
    boolean labelled = reliability.labelled() == reliability.coverage(0).total();
    List<List<String>> lines =
        THRESHOLDS.stream()
            .map(
                threshold -> {
                  Ratio coverage = reliability.coverage(threshold);
                  return List.of(
                      Html.format("%.2f", threshold),
                      Html.format("%,d", coverage.hits()),
                      Html.percent(coverage),
                      labelled ? Html.percent(reliability.accuracy(threshold)) : Html.UNKNOWN);
                })
            .toList();
    return Table.figures(
            "What --min-confidence leaves of the answers of " + name,
            List.of("least probability", "images answered", "of all", "right of them"),
            lines)
        .html();
  }
}
