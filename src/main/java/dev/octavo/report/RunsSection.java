package dev.octavo.report;

import dev.octavo.metrics.Interval;
import dev.octavo.metrics.PairedAccuracy;
import dev.octavo.metrics.Ratio;
import dev.octavo.report.LineChart.Point;
import dev.octavo.report.LineChart.Series;
import dev.octavo.report.LineChart.Start;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.ThroughputRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Several runs side by side: later ones, other machines, other models.
 *
 * @param runs the page's own first; nothing is said of it alone
 * @param comparisons of the other runs' models with one of the first run
 */
record RunsSection(List<Run> runs, List<Comparison> comparisons) implements Section {
  private static final long SEED = 17;

  /**
   * A model of another run beside one of the first.
   *
   * @param sameModel whether it is the very same bundle
   * @param pair their answers to the images that both runs have
   */
  record Comparison(boolean sameModel, PairAnswers pair) {}

  @Override
  public String title() {
    return "Runs compared";
  }

  @Override
  public String body() {
    return runs.size() < 2 ? "" : table() + differences() + charts();
  }

  private String table() {
    List<List<String>> lines = new ArrayList<>();
    List<List<String>> places = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      places.add(
          List.of(
              name(i),
              run.manifest().createdAt(),
              run.scores().toString(),
              Page.source(run.settings().source()),
              machines(run)));
      for (ModelMetrics model : run.metrics().models()) {
        lines.add(line(name(i), run, model));
      }
    }
    return Table.words("The runs", List.of("run", "made", "scores", "images", "machines"), places)
            .html()
        + Table.sortable(
                "Models of all runs",
                List.of(
                    "run",
                    "model",
                    "precision",
                    "images",
                    "errors",
                    "top-1 %",
                    "95 % from",
                    "to",
                    "mean per class %",
                    "ms/image, largest batch",
                    "images/s per core"),
                lines)
            .html();
  }

  static String name(int index) {
    return "run " + (index + 1);
  }

  private static String machines(Run run) {
    Map<String, Long> hosts =
        run.throughput().stream()
            .collect(
                Collectors.groupingBy(
                    row -> "%s (%s)".formatted(row.host(), row.cpuFeatures()),
                    TreeMap::new,
                    Collectors.mapping(
                        ThroughputRow::executor,
                        Collectors.collectingAndThen(
                            Collectors.toCollection(TreeSet::new), set -> (long) set.size()))));
    return hosts.isEmpty()
        ? Html.UNKNOWN
        : hosts.entrySet().stream()
            .map(
                host ->
                    "%s, %s".formatted(host.getKey(), Html.counted(host.getValue(), "executor")))
            .collect(Collectors.joining("; "));
  }

  private static List<String> line(String name, Run run, ModelMetrics model) {
    List<String> line = new ArrayList<>();
    line.add(name);
    line.add(model.name());
    line.add(model.precision());
    line.add(Html.format("%,d", model.images()));
    line.add(Html.format("%,d", model.failures()));
    if (model.accuracy() == null) {
      line.addAll(List.of(Html.UNKNOWN, Html.UNKNOWN, Html.UNKNOWN, Html.UNKNOWN));
    } else {
      Ratio top1 = model.accuracy().matrix().accuracy();
      Interval interval = Interval.wilson(top1, PairedAccuracy.LEVEL);
      line.add(percent(top1.value()));
      line.add(percent(interval.low()));
      line.add(percent(interval.high()));
      line.add(percent(model.accuracy().meanPerClass()));
    }
    line.add(known("%.2f", millis(model)));
    line.add(known("%.2f", perCore(run, model.name())));
    return line;
  }

  private static String percent(double share) {
    return Html.format("%.2f", 100 * share);
  }

  private static String known(String pattern, double value) {
    return Double.isFinite(value) ? Html.format(pattern, value) : Html.UNKNOWN;
  }

  private static double millis(ModelMetrics model) {
    return model.latency().stream()
        .max(Comparator.comparingInt(row -> row.batchSize()))
        .map(row -> row.msPerImage())
        .orElse(Double.NaN);
  }

  private static double perCore(Run run, String model) {
    double images = 0;
    double millis = 0;
    for (ThroughputRow row : run.throughput(model)) {
      images += row.images();
      millis += row.wallMillis() * row.threads();
    }
    return 1e3 * images / millis;
  }

  /** The answers of each run's models beside those of the first run, image by image. */
  private String differences() {
    List<List<String>> lines = new ArrayList<>();
    for (Comparison comparison : comparisons) {
      PairAnswers pair = comparison.pair();
      PairedAccuracy accuracy = pair.accuracy();
      boolean labelled = accuracy.images() > 0;
      Interval drop = labelled ? accuracy.dropInterval(SEED) : null;
      lines.add(
          List.of(
              pair.other(),
              "%s of run 1".formatted(pair.first()),
              comparison.sameModel() ? "yes" : "no",
              Html.format("%,d", pair.agreement().total()),
              Html.percent(pair.agreement()),
              labelled ? Html.format("%.2f", 100 * accuracy.drop() + 0.0) : Html.UNKNOWN,
              labelled ? Html.format("%.2f", 100 * drop.low() + 0.0) : Html.UNKNOWN,
              labelled ? Html.format("%.2f", 100 * drop.high() + 0.0) : Html.UNKNOWN,
              labelled ? Html.pValue(accuracy.mcnemar()) : Html.UNKNOWN));
    }
    return Table.figures(
                "Answers to the images that runs have in common",
                List.of(
                    "model",
                    "beside",
                    "same bundle",
                    "images in common",
                    "same class",
                    "points lost",
                    "95 % from",
                    "to",
                    "McNemar p"),
                lines)
            .html()
        + Html.note(
            "Points of top-1 accuracy lost to the first run’s model, over the labelled images that"
                + " both have, with a bootstrap’s interval and McNemar’s exact test. Images are"
                + " matched by path. The same bundle may answer differently on another machine,"
                + " whose instructions round differently.");
  }

  private String charts() {
    return "<div class=\"pair\">\n"
        + chart(
            "Top-1 accuracy, run by run",
            "percent",
            m -> m.accuracy() == null ? Double.NaN : 100 * m.accuracy().top1())
        + chart("Milliseconds per image, run by run", "ms, largest batch", RunsSection::millis)
        + "</div>\n";
  }

  /** One curve per model's name, over the runs as they were made. */
  private String chart(String title, String unit, ToDoubleFunction<ModelMetrics> figure) {
    List<Run> inTime =
        runs.stream().sorted(Comparator.comparing(run -> run.manifest().createdAt())).toList();
    Map<String, List<Point>> curves = new TreeMap<>();
    for (int i = 0; i < inTime.size(); i++) {
      for (ModelMetrics model : inTime.get(i).metrics().models()) {
        curves
            .computeIfAbsent(model.name(), n -> new ArrayList<>())
            .add(new Point(i + 1, figure.applyAsDouble(model)));
      }
    }
    List<Series> series =
        curves.entrySet().stream()
            .map(curve -> new Series(curve.getKey(), curve.getValue()))
            .filter(curve -> !curve.points().isEmpty())
            .limit(LineChart.MOST_SERIES)
            .toList();
    return new LineChart(title, "run, in the order of time", unit, series, Start.DATA).html();
  }
}
