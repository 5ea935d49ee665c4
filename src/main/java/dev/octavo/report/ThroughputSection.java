package dev.octavo.report;

import dev.octavo.report.Bars.Bar;
import dev.octavo.report.Html.Look;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.ThroughputRow;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The throughput of the partitions: per model a chart of the slowest and a table of all. */
final class ThroughputSection {
  /** More bars than this are unreadable; the table below has all partitions. */
  private static final int MAX_BARS = 24;

  private ThroughputSection() {}

  static String html(ReportInputs inputs) {
    StringBuilder html = new StringBuilder();
    html.append(
        Html.note(
            Html.format(
                "The job took %.1f s by the clock, loading the models included. Waiting and decoding happen once"
                    + " for all models; each model's rows show them with its own inference, as if it"
                    + " had run alone.",
                inputs.metrics().wallMillis() / 1e3)));
    for (ModelMetrics model : inputs.metrics().models()) {
      List<ThroughputRow> rows =
          inputs.throughput().stream().filter(r -> r.model().equals(model.name())).toList();
      if (!rows.isEmpty()) {
        html.append("<h3>")
            .append(Html.text(model.name() + ", " + model.precision()))
            .append("</h3>\n")
            .append(Html.note(summary(rows)))
            .append(bars(rows))
            .append("<details><summary>All partitions</summary>\n")
            .append(table(rows))
            .append("</details>\n");
      }
    }
    return Html.section("Throughput", html.toString());
  }

  private static double sum(List<ThroughputRow> rows, ToDoubleFunction<ThroughputRow> figure) {
    return rows.stream().mapToDouble(figure).sum();
  }

  private static String summary(List<ThroughputRow> rows) {
    double wall = sum(rows, ThroughputRow::wallMillis);
    double images = sum(rows, ThroughputRow::images);
    return Html.format(
        "%,.0f images in %d partitions on %d executor%s: %.1f images/s per task; %.0f %% of the time"
            + " went into decoding, %.0f %% into inference, %.0f %% into waiting for files.",
        images,
        rows.size(),
        rows.stream().map(ThroughputRow::executor).distinct().count(),
        rows.stream().map(ThroughputRow::executor).distinct().count() == 1 ? "" : "s",
        wall == 0 ? 0 : 1000 * images / wall,
        100 * sum(rows, ThroughputRow::decodeMillis) / wall,
        100 * sum(rows, ThroughputRow::inferMillis) / wall,
        100 * sum(rows, ThroughputRow::waitMillis) / wall);
  }

  private static String bars(List<ThroughputRow> rows) {
    List<Bar> bars =
        rows.stream()
            .sorted(Comparator.comparingDouble(ThroughputRow::wallMillis).reversed())
            .limit(MAX_BARS)
            .sorted(
                Comparator.comparingInt(ThroughputRow::round)
                    .thenComparingInt(ThroughputRow::partition))
            .map(ThroughputSection::bar)
            .toList();
    String title =
        rows.size() > MAX_BARS
            ? "Time of the %d slowest of %d partitions".formatted(MAX_BARS, rows.size())
            : "Time by partition";
    return new Bars(
            title, "seconds", List.of("inference", "decoding", "waiting", "handing over"), bars)
        .toHtml();
  }

  private static Bar bar(ThroughputRow row) {
    double other = row.wallMillis() - row.inferMillis() - row.decodeMillis() - row.waitMillis();
    return new Bar(
        "%s · executor %s, %s".formatted(name(row), row.executor(), row.host()),
        List.of(
            row.inferMillis() / 1e3,
            row.decodeMillis() / 1e3,
            row.waitMillis() / 1e3,
            Math.max(0, other) / 1e3),
        Html.format("%.1f images/s", row.imagesPerSecond()));
  }

  /** The partition's number, with that of its round but for the first, which most runs end with. */
  private static String name(ThroughputRow row) {
    return row.round() == 0
        ? String.valueOf(row.partition())
        : "round %d, %d".formatted(row.round(), row.partition());
  }

  private static String table(List<ThroughputRow> rows) {
    return Html.table(
        Look.FIGURES,
        "Milliseconds unless it says otherwise",
        List.of(
            "partition",
            "executor",
            "threads",
            "images",
            "errors",
            "MB",
            "decode",
            "infer",
            "wait",
            "wall",
            "images/s",
            "images/s per core",
            "ms/image",
            "resident MB",
            "model load"),
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
                        Html.format("%,.0f", r.decodeMillis()),
                        Html.format("%,.0f", r.inferMillis()),
                        Html.format("%,.0f", r.waitMillis()),
                        Html.format("%,.0f", r.wallMillis()),
                        Html.format("%.1f", r.imagesPerSecond()),
                        Html.format("%.1f", r.imagesPerSecondPerCore()),
                        Html.format("%.2f", r.millisPerImage()),
                        Html.format("%,.0f", r.residentBytes() / 1e6),
                        Html.format("%,.0f", r.modelLoadMillis())))
            .toList());
  }
}
