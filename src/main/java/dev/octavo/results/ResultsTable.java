package dev.octavo.results;

import dev.octavo.latency.LatencyRow;
import dev.octavo.results.ScoreMetrics.Accuracy;
import dev.octavo.results.ScoreMetrics.Agreement;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The models of a run side by side: one column per model, the first being what speed-up and
 * agreement refer to.
 *
 * @param models heads of the columns
 * @param lines what is compared
 */
public record ResultsTable(List<String> models, List<Line> lines) {
  private static final String UNKNOWN = "–";

  /** Copies the lists. */
  public ResultsTable {
    models = List.copyOf(models);
    lines = List.copyOf(lines);
  }

  /**
   * One line of the table.
   *
   * @param name what it compares, with its unit
   * @param values one per model
   */
  public record Line(String name, List<String> values) {
    /** Copies the list. */
    public Line {
      values = List.copyOf(values);
    }
  }

  /** The table of a run. */
  public static ResultsTable of(ScoreMetrics metrics) {
    List<ModelMetrics> models = metrics.models();
    List<Line> lines = new ArrayList<>();
    lines.add(line("precision", models, ModelMetrics::precision));
    lines.add(line("model file", models, m -> format("%.1f MB", m.fileBytes() / 1e6)));
    lines.add(line("images", models, m -> format("%,d", m.images())));
    lines.add(line("errors", models, m -> format("%,d", m.failures())));
    if (models.stream().anyMatch(m -> m.accuracy() != null)) {
      lines.add(line("top-1", models, m -> percent(m, Accuracy::top1)));
      lines.add(line("top-5", models, m -> percent(m, Accuracy::top5)));
      lines.add(line("mean per-class accuracy", models, m -> percent(m, Accuracy::meanPerClass)));
    }
    if (!metrics.agreement().isEmpty()) {
      ModelMetrics base = models.get(0);
      lines.add(
          line(
              "agreement with " + base.name(),
              models,
              m -> agreement(metrics.agreement(), base, m)));
    }
    for (int batch : batchSizes(models)) {
      lines.add(
          line(
              "ms per image, batch " + batch,
              models,
              m -> latency(m, batch).map(row -> format("%.2f", row.msPerImage())).orElse(UNKNOWN)));
    }
    for (int batch : batchSizes(models)) {
      lines.add(line("speed-up, batch " + batch, models, m -> speedUp(models.get(0), m, batch)));
    }
    return new ResultsTable(models.stream().map(ModelMetrics::name).toList(), lines);
  }

  private static Line line(
      String name, List<ModelMetrics> models, Function<ModelMetrics, String> value) {
    return new Line(name, models.stream().map(value).toList());
  }

  private static TreeSet<Integer> batchSizes(List<ModelMetrics> models) {
    return models.stream()
        .flatMap(m -> m.latency().stream())
        .map(LatencyRow::batchSize)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Optional<LatencyRow> latency(ModelMetrics model, int batch) {
    return model.latencyAt(batch);
  }

  private static String speedUp(ModelMetrics base, ModelMetrics model, int batch) {
    Optional<LatencyRow> before = latency(base, batch);
    Optional<LatencyRow> after = latency(model, batch);
    return before.isPresent() && after.isPresent()
        ? format("%.2f×", before.get().msPerImage() / after.get().msPerImage())
        : UNKNOWN;
  }

  private static String agreement(List<Agreement> pairs, ModelMetrics base, ModelMetrics model) {
    return pairs.stream()
        .filter(p -> p.first().equals(base.name()) && p.second().equals(model.name()))
        .filter(p -> p.images() > 0)
        .map(p -> format("%.2f %%", 100.0 * p.same() / p.images()))
        .findFirst()
        .orElse(UNKNOWN);
  }

  private static String percent(ModelMetrics model, Function<Accuracy, Double> figure) {
    return model.accuracy() == null
        ? UNKNOWN
        : format("%.2f %%", 100 * figure.apply(model.accuracy()));
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  /** The table for a console: names to the left, figures to the right. */
  public String toText() {
    int nameWidth = lines.stream().mapToInt(l -> l.name().length()).max().orElse(0);
    List<Integer> widths =
        IntStream.range(0, models.size())
            .mapToObj(
                i ->
                    Math.max(
                        models.get(i).length(),
                        lines.stream().mapToInt(l -> l.values().get(i).length()).max().orElse(0)))
            .toList();
    List<Line> all = new ArrayList<>();
    all.add(new Line("", models));
    all.addAll(lines);
    return all.stream()
        .map(
            l ->
                pad(l.name(), -nameWidth)
                    + IntStream.range(0, models.size())
                        .mapToObj(i -> "  " + pad(l.values().get(i), widths.get(i)))
                        .collect(Collectors.joining()))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** Pads to a width; a negative width aligns to the left. */
  private static String pad(String text, int width) {
    Objects.requireNonNull(text);
    return width == 0 ? text : String.format(Locale.ROOT, "%" + width + "s", text);
  }
}
