package dev.octavo.report;

import dev.octavo.metrics.Quantiles;
import dev.octavo.report.Bars.Bar;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.ThroughputRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The throughput of the partitions and executors: per model a summary, a chart of the slowest and
 * tables.
 *
 * @param inputs of the page
 * @param pricePerCoreHour of a machine, in whatever currency
 */
record ThroughputSection(ReportInputs inputs, OptionalDouble pricePerCoreHour) implements Section {
  /** More bars than this are unreadable; the table below has all partitions. */
  private static final int MAX_BARS = 24;

  /** An image that takes this many times the median makes its partition a straggler. */
  private static final double STRAGGLING = 1.5;

  private static final String STRAGGLER = "straggler";

  /** Spark's id of the only executor in local mode. */
  private static final String DRIVER = "driver";

  private static final double MILLION = 1e6;
  private static final double MILLIS_PER_HOUR = 3.6e6;

  @Override
  public String title() {
    return "Throughput";
  }

  @Override
  public String body() {
    StringBuilder html = new StringBuilder();
    html.append(
        Html.note(
            Html.format(
                "The job took %.1f s by the clock, loading the models included. Waiting and"
                    + " decoding happen once for all models; each model's rows show them with its"
                    + " own inference, as if it had run alone.%s",
                inputs.metrics().wallMillis() / 1e3, busyCores())));
    html.append(models());
    for (ModelMetrics model : inputs.metrics().models()) {
      List<ThroughputRow> rows = rows(model);
      if (!rows.isEmpty()) {
        double median = median(rows);
        html.append(Html.heading(model.name() + ", " + model.precision()))
            .append(Html.note(summary(rows)))
            .append(executors(model.name(), rows, median))
            .append(bars(model.name(), rows, median))
            .append(Html.details("All partitions", table(model.name(), rows, median)));
      }
    }
    return html.toString();
  }

  /** The cores that tasks had, over the time of the job; as a share where that is known. */
  private String busyCores() {
    String first = inputs.run().models().get(0);
    double millis = 0;
    for (ThroughputRow row : inputs.run().throughput()) {
      boolean whole = row.model().equals(first);
      millis += (whole ? row.wallMillis() : row.inferMillis()) * row.threads();
    }
    double cores = millis / Math.max(1, inputs.metrics().wallMillis());
    if (!(millis > 0)) {
      return "";
    }
    boolean local = inputs.run().throughput().stream().allMatch(r -> r.executor().equals(DRIVER));
    int all = inputs.manifest().platform().cores();
    return Html.format(" Tasks kept %.1f cores busy on average", cores)
        + (local
            ? Html.format(", %.0f %% of the machine’s %d.", 100 * Math.min(1, cores / all), all)
            : ".");
  }

  private List<ThroughputRow> rows(ModelMetrics model) {
    return inputs.run().throughput(model.name());
  }

  /** Images a second, and the cost of many, models side by side. */
  private String models() {
    List<String> head =
        new ArrayList<>(
            List.of("model", "images/s per task", "images/s per core", "core hours for a million"));
    if (pricePerCoreHour.isPresent()) {
      head.add(Html.format("a million at %s per core hour", pricePerCoreHour.getAsDouble()));
    }
    List<List<String>> lines = new ArrayList<>();
    for (ModelMetrics model : inputs.metrics().models()) {
      List<ThroughputRow> rows = rows(model);
      double images = sum(rows, ThroughputRow::images);
      double wall = sum(rows, ThroughputRow::wallMillis);
      double core = sum(rows, row -> row.wallMillis() * row.threads());
      if (images > 0 && wall > 0) {
        double hours = MILLION / images * core / MILLIS_PER_HOUR;
        List<String> line =
            new ArrayList<>(
                List.of(
                    model.name(),
                    Html.format("%.1f", 1000 * images / wall),
                    Html.format("%.1f", 1000 * images / core),
                    Html.format("%.2f", hours)));
        pricePerCoreHour.ifPresent(price -> line.add(Html.format("%.2f", hours * price)));
        lines.add(line);
      }
    }
    return lines.isEmpty()
        ? ""
        : Table.figures("Images a second and their cost", head, lines).html();
  }

  private static double median(List<ThroughputRow> rows) {
    double[] millis =
        rows.stream()
            .filter(r -> r.images() > 0)
            .mapToDouble(ThroughputRow::millisPerImage)
            .toArray();
    return millis.length == 0 ? Double.POSITIVE_INFINITY : Quantiles.of(millis).median();
  }

  private static boolean straggles(double millisPerImage, double median) {
    return millisPerImage > STRAGGLING * median;
  }

  private static String executors(String model, List<ThroughputRow> rows, double median) {
    Map<String, List<ThroughputRow>> executors =
        rows.stream()
            .collect(
                Collectors.groupingBy(
                    r -> "%s, %s".formatted(r.executor(), r.host()),
                    TreeMap::new,
                    Collectors.toList()));
    List<List<String>> lines = new ArrayList<>();
    executors.forEach(
        (name, own) -> {
          double wall = sum(own, ThroughputRow::wallMillis);
          double images = sum(own, ThroughputRow::images);
          long slow =
              own.stream()
                  .filter(r -> r.images() > 0 && straggles(r.millisPerImage(), median))
                  .count();
          lines.add(
              List.of(
                  name,
                  Html.format("%,d", own.size()),
                  Html.format("%,.0f", images),
                  Html.format("%.1f", wall / 1e3),
                  wall == 0 ? Html.UNKNOWN : Html.format("%.1f", 1000 * images / wall),
                  Html.format("%,d", slow),
                  images > 0 && straggles(wall / images, median) ? STRAGGLER : ""));
        });
    return Table.figures(
            "Executors of " + model,
            List.of(
                "executor",
                "partitions",
                "images",
                "seconds",
                "images/s",
                "slow partitions",
                "mark"),
            lines)
        .html();
  }

  private static double sum(List<ThroughputRow> rows, ToDoubleFunction<ThroughputRow> figure) {
    return rows.stream().mapToDouble(figure).sum();
  }

  private static String summary(List<ThroughputRow> rows) {
    double wall = sum(rows, ThroughputRow::wallMillis);
    double images = sum(rows, ThroughputRow::images);
    return Html.format(
        "%,.0f images in %d partitions on %d executor%s: %.1f images/s per task; %.0f %% of the"
            + " time went into decoding, %.0f %% into inference, %.0f %% into waiting for files.",
        images,
        rows.size(),
        rows.stream().map(ThroughputRow::executor).distinct().count(),
        rows.stream().map(ThroughputRow::executor).distinct().count() == 1 ? "" : "s",
        wall == 0 ? 0 : 1000 * images / wall,
        share(rows, ThroughputRow::decodeMillis),
        share(rows, ThroughputRow::inferMillis),
        share(rows, ThroughputRow::waitMillis),
        STRAGGLING);
  }

  /** In percent of the time of all tasks. */
  private static double share(List<ThroughputRow> rows, ToDoubleFunction<ThroughputRow> figure) {
    return 100 * sum(rows, figure) / Math.max(1e-9, sum(rows, ThroughputRow::wallMillis));
  }

  private static String bars(String model, List<ThroughputRow> rows, double median) {
    List<Bar> bars =
        rows.stream()
            .sorted(Comparator.comparingDouble(ThroughputRow::wallMillis).reversed())
            .limit(MAX_BARS)
            .sorted(
                Comparator.comparingInt(ThroughputRow::round)
                    .thenComparingInt(ThroughputRow::partition))
            .map(row -> bar(row, median))
            .toList();
    String title =
        rows.size() > MAX_BARS
            ? "Time of the %d slowest of %d partitions of %s"
                .formatted(MAX_BARS, rows.size(), model)
            : "Time by partition of " + model;
    return new Bars(
            title, "seconds", List.of("inference", "decoding", "waiting", "handing over"), bars)
        .html();
  }

  private static Bar bar(ThroughputRow row, double median) {
    double other = row.wallMillis() - row.inferMillis() - row.decodeMillis() - row.waitMillis();
    return new Bar(
        "%s, executor %s · %s".formatted(row.host(), row.executor(), name(row)),
        List.of(
            row.inferMillis() / 1e3,
            row.decodeMillis() / 1e3,
            row.waitMillis() / 1e3,
            Math.max(0, other) / 1e3),
        Html.format(
            "%.1f images/s%s",
            row.imagesPerSecond(),
            row.images() > 0 && straggles(row.millisPerImage(), median) ? ", " + STRAGGLER : ""));
  }

  /** The partition's number, with that of its round but for the first, which most runs end with. */
  private static String name(ThroughputRow row) {
    return row.round() == 0
        ? String.valueOf(row.partition())
        : "round %d, %d".formatted(row.round(), row.partition());
  }

  private static String table(String model, List<ThroughputRow> rows, double median) {
    Table rates =
        Table.sortable(
            "Partitions of " + model,
            List.of(
                "partition",
                "executor",
                "threads",
                "images",
                "errors",
                "MB",
                "images/s",
                "images/s per core",
                "ms/image",
                "mark"),
            rows.stream()
                .map(
                    r ->
                        List.of(
                            name(r),
                            "%s, %s".formatted(r.executor(), r.host()),
                            Html.format("%d", r.threads()),
                            Html.format("%,d", r.images()),
                            Html.format("%,d", r.failures()),
                            Html.format("%.1f", r.bytes() / 1e6),
                            Html.format("%.1f", r.imagesPerSecond()),
                            Html.format("%.1f", r.imagesPerSecondPerCore()),
                            Html.format("%.2f", r.millisPerImage()),
                            r.images() > 0 && straggles(r.millisPerImage(), median)
                                ? STRAGGLER
                                : ""))
                .toList());
    Table times =
        Table.sortable(
            "Milliseconds and memory of the partitions of " + model,
            List.of("partition", "decode", "infer", "wait", "wall", "model load", "resident MB"),
            rows.stream()
                .map(
                    r ->
                        List.of(
                            name(r),
                            Html.format("%,.0f", r.decodeMillis()),
                            Html.format("%,.0f", r.inferMillis()),
                            Html.format("%,.0f", r.waitMillis()),
                            Html.format("%,.0f", r.wallMillis()),
                            Html.format("%,.0f", r.modelLoadMillis()),
                            Html.format("%,.0f", r.residentBytes() / 1e6)))
                .toList());
    return rates.html() + times.html();
  }
}
