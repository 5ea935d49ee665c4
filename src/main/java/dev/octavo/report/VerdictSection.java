package dev.octavo.report;

import dev.octavo.latency.LatencyRow;
import dev.octavo.metrics.Interval;
import dev.octavo.metrics.PairedAccuracy;
import dev.octavo.metrics.Ratio;
import dev.octavo.results.ResultsTable;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The answer to "may it be shipped?": a sentence for each further model, and all models side by
 * side.
 */
record VerdictSection(ScoreMetrics metrics, Predictions predictions) implements Section {
  /** Of the bootstrap, so that a page made again says the same. */
  private static final long SEED = 17;

  private static final double SIGNIFICANT = 1 - PairedAccuracy.LEVEL;
  private static final int MOST_ERRORS = 5;

  /**
   * The figures that the public experiment reported for a quantizable ResNet-50, fine-tuned on
   * Indoor-67 in Python and run on a laptop: by line of {@link ResultsTable}, float and int8.
   */
  private static final Map<String, List<String>> ORIGINAL =
      Map.of(
          "precision", List.of("fp32", "int8"),
          "model file", List.of("94.9 MB", "24.2 MB"),
          "top-1", List.of("55.30 %", "54.78 %"),
          "ms per image, batch 8", List.of("232–250", "53–66"),
          "ms per image, batch 16", List.of("232–250", "53–66"),
          "speed-up, batch 8", List.of("1×", "about 4×"),
          "speed-up, batch 16", List.of("1×", "about 4×"));

  private static final List<String> ORIGINAL_HEADS = List.of("original fp32", "original int8");

  @Override
  public String title() {
    return "The verdict";
  }

  @Override
  public String body() {
    StringBuilder html = new StringBuilder();
    sentences()
        .forEach(
            sentence ->
                html.append("<p class=\"verdict\">").append(Html.text(sentence)).append("</p>\n"));
    return html.append(results()).append(pairedTests()).append(errors()).toString();
  }

  private List<String> sentences() {
    if (metrics.models().stream().allMatch(m -> m.images() == 0)) {
      return List.of(
          "None of the %s could be scored, so nothing can be said of the models."
              .formatted(Html.counted(metrics.inputs(), "input")));
    }
    if (predictions.pairs().isEmpty()) {
      return List.of(alone(metrics.models().get(0)));
    }
    return predictions.pairs().stream().map(this::beside).toList();
  }

  private static String alone(ModelMetrics model) {
    if (model.accuracy() == null) {
      return "%s named a class for %s. The true class of none of them is known, and there is no other model to compare it with."
          .formatted(model.name(), Html.counted(model.images(), "image"));
    }
    Ratio top1 = model.accuracy().matrix().accuracy();
    Interval interval = Interval.wilson(top1, PairedAccuracy.LEVEL);
    return Html.format(
        "%s recognises %.2f %% of %s; with 95 %% confidence between %.1f and %.1f %% of such"
            + " images. There is no other model to compare it with.",
        model.name(),
        100 * top1.value(),
        Html.counted(top1.total(), "image"),
        100 * interval.low(),
        100 * interval.high());
  }

  private String beside(PairAnswers pair) {
    String cost = sizeAndSpeed(pair);
    if (pair.accuracy().images() > 0) {
      return accuracy(pair) + cost;
    }
    if (pair.agreement().total() == 0) {
      return "%s and %s have no image in common that both could read."
          .formatted(pair.first(), pair.other());
    }
    Interval interval = Interval.wilson(pair.agreement(), PairedAccuracy.LEVEL);
    return Html.format(
            "%s names the same class as %s for %.2f %% of %s (between %.2f and %.2f %% of such"
                + " images, with 95 %% confidence). The true class of none of them is known, so"
                + " their accuracy can't be compared.",
            pair.other(),
            pair.first(),
            100 * pair.agreement().value(),
            Html.counted(pair.agreement().total(), "image"),
            100 * interval.low(),
            100 * interval.high())
        + cost;
  }

  private static String accuracy(PairAnswers pair) {
    PairedAccuracy accuracy = pair.accuracy();
    Interval drop = accuracy.dropInterval(SEED);
    String said =
        Html.format(
            "%s loses between %s and %s points of top-1 accuracy to %s (95 %% interval)",
            pair.other(), points(drop.low()), points(drop.high()), pair.first());
    if (accuracy.mcnemar() < SIGNIFICANT) {
      String p = Html.pValue(accuracy.mcnemar());
      return Html.format(
          "%s: with %s, %s is %s by %s points (McNemar’s exact test, p %s).",
          said,
          Html.counted(accuracy.images(), "image"),
          pair.other(),
          accuracy.drop() > 0 ? "worse" : "better",
          Html.format("%.2f", 100 * Math.abs(accuracy.drop())),
          p.startsWith("<") ? p : "= " + p);
    }
    double half = rounded(accuracy.smallestShown() / 2);
    return Html.format(
        "%s: no difference can be shown with %s, about %,d would show one of %s points.",
        said,
        Html.counted(accuracy.images(), "image"),
        roundedUp(accuracy.imagesToShow(half)),
        new BigDecimal(Html.format("%.1g", 100 * half)).toPlainString());
  }

  /** With a sign, so that a gain is a loss below zero; one decimal, or two where the first is 0. */
  private static String points(double share) {
    double points = 100 * share;
    String text =
        Math.abs(points) < 0.1 ? Html.format("%+.2f", points) : Html.format("%+.1f", points);
    return text.matches("[+-]0\\.0+") ? "0" : text.replace('-', '−');
  }

  /** A share rounded down to 1, 2, 3 or 5 times a power of ten. */
  private static double rounded(double share) {
    double power = Math.pow(10, Math.floor(Math.log10(share)));
    double digit = share / power;
    return power * (digit < 2 ? 1 : digit < 3 ? 2 : digit < 5 ? 3 : 5);
  }

  /** A number of images with two digits that count. */
  private static long roundedUp(long images) {
    double power = Math.pow(10, Math.max(0, Math.floor(Math.log10((double) images)) - 1));
    return (long) (Math.ceil((double) images / power) * power);
  }

  private String sizeAndSpeed(PairAnswers pair) {
    ModelMetrics first = model(pair.first());
    ModelMetrics other = model(pair.other());
    StringBuilder said = new StringBuilder();
    said.append(
        Html.format(
            " Its file has %.0f %% of the size", 100.0 * other.fileBytes() / first.fileBytes()));
    OptionalInt batch =
        first.latency().stream()
            .mapToInt(LatencyRow::batchSize)
            .filter(size -> other.latencyAt(size).isPresent())
            .max();
    batch.ifPresent(
        size ->
            said.append(
                Html.format(
                    ", and an image takes it %s ms in place of %s (batch %d)",
                    twoDigits(other.latencyAt(size).orElseThrow().msPerImage()),
                    twoDigits(first.latencyAt(size).orElseThrow().msPerImage()),
                    size)));
    return said.append('.').toString();
  }

  /** The number with two significant digits, never with an exponent. */
  private static String twoDigits(double value) {
    return new BigDecimal(value).round(new MathContext(2)).toPlainString();
  }

  private ModelMetrics model(String name) {
    return metrics.models().stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  private String results() {
    ResultsTable table = ResultsTable.of(metrics);
    List<String> head = new ArrayList<>(List.of(""));
    head.addAll(table.models());
    head.addAll(ORIGINAL_HEADS);
    List<List<String>> lines = new ArrayList<>();
    for (ResultsTable.Line line : table.lines()) {
      List<String> cells = new ArrayList<>(List.of(line.name()));
      cells.addAll(line.values());
      cells.addAll(ORIGINAL.getOrDefault(line.name(), List.of(Html.UNKNOWN, Html.UNKNOWN)));
      lines.add(cells);
    }
    Optional<LatencyRow> latency =
        metrics.models().stream().flatMap(m -> m.latency().stream()).findFirst();
    return new Table(
                Table.Look.RESULTS,
                Table.Order.FIXED,
                "The same images, one column per model",
                head,
                lines)
            .html()
        + Html.note(
            "Top-1 weighs images alike, mean per-class accuracy classes. MB are millions of bytes."
                + latency
                    .map(
                        row ->
                            Html.format(
                                " Milliseconds per image are the median of calls on one executor"
                                    + " with %s (%s), the models taking turns.",
                                Html.counted(row.threads(), "thread"),
                                String.join(" ", row.cpuFeatures())))
                    .orElse(""))
        + Html.note(
            "“Original” is what a public experiment reported: a quantizable ResNet-50, fine-tuned"
                + " on Indoor-67 in Python, timed on a laptop. These are figures as they were known"
                + " in 2026, of other images on another machine; a reference, not a measurement of"
                + " this run.");
  }

  private String pairedTests() {
    List<List<String>> lines =
        predictions.pairs().stream()
            .filter(pair -> pair.accuracy().images() > 0)
            .map(VerdictSection::pairedTest)
            .toList();
    return lines.isEmpty()
        ? ""
        : Table.figures(
                    "Top-1 accuracy lost to " + predictions.pairs().get(0).first(),
                    List.of(
                        "model",
                        "images",
                        "lost",
                        "gained",
                        "points lost",
                        "95 % from",
                        "to",
                        "McNemar p",
                        "least shown"),
                    lines)
                .html()
            + Html.note(
                Html.format(
                    "Lost and gained are images that only one of the two models recognises. The"
                        + " interval is a bootstrap over images (seed %d), p that of McNemar’s"
                        + " exact test. “Least shown” is the difference in points that as many"
                        + " images show with a probability of %.0f %%.",
                    SEED, 100 * PairedAccuracy.POWER));
  }

  private static List<String> pairedTest(PairAnswers pair) {
    PairedAccuracy accuracy = pair.accuracy();
    Interval drop = accuracy.dropInterval(SEED);
    return List.of(
        pair.other(),
        Html.format("%,d", accuracy.images()),
        Html.format("%,d", accuracy.onlyFirst()),
        Html.format("%,d", accuracy.onlySecond()),
        Html.format("%.2f", 100 * accuracy.drop() + 0.0),
        Html.format("%.2f", 100 * drop.low() + 0.0),
        Html.format("%.2f", 100 * drop.high() + 0.0),
        Html.pValue(accuracy.mcnemar()),
        Html.format("%.2f", 100 * accuracy.smallestShown()));
  }

  /** The reasons why inputs have no class; the same files fail for all models. */
  private String errors() {
    ModelAnswers answers = predictions.models().get(metrics.models().get(0).name());
    List<List<String>> lines =
        answers.errors().stream()
            .map(error -> List.of(error.getKey(), Html.format("%,d", error.getValue())))
            .toList();
    if (lines.isEmpty()) {
      return "";
    }
    Table table = Table.words("Inputs without a class", List.of("error", "inputs"), lines);
    return lines.size() <= MOST_ERRORS
        ? table.html()
        : Html.details("Inputs without a class, by error", table.html());
  }
}
