package dev.octavo.results;

import dev.octavo.metrics.Quantiles;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The time of a run by phase, over all partitions and models.
 *
 * @param partitions how many
 * @param waiting share of the tasks' time without an input at hand, 0 to 1
 * @param decode share of decoding and resizing
 * @param infer share of all models
 * @param other the rest: handing over and writing rows
 * @param slowest partitions, as the rows of their first model, longest first
 * @param skew the longest partition's time over the median's
 */
@RecordBuilder
public record ThroughputSummary(
    int partitions,
    double waiting,
    double decode,
    double infer,
    double other,
    List<ThroughputRow> slowest,
    double skew) {
  private static final int SLOWEST = 3;

  /** From here on waiting is what to do something about. */
  private static final double MUCH_WAITING = 0.2;

  /** Partitions are cut to be of about equal work, the last ones to a few times less. */
  private static final double MUCH_SKEW = 3;

  private static final double LONG_MILLIS = 10_000;

  /** Copies the list. */
  public ThroughputSummary {
    slowest = List.copyOf(slowest);
  }

  /**
   * Sums up.
   *
   * @param rows at least one
   */
  public static ThroughputSummary of(List<ThroughputRow> rows) {
    String firstModel = rows.get(0).model();
    // Waiting and decoding are stated with each model, but happened once.
    List<ThroughputRow> first = rows.stream().filter(r -> r.model().equals(firstModel)).toList();
    double wait = sum(first, ThroughputRow::waitMillis);
    double decode = sum(first, ThroughputRow::decodeMillis);
    double inferFirst = sum(first, ThroughputRow::inferMillis);
    double infer = sum(rows, ThroughputRow::inferMillis);
    double all = Math.max(1e-9, sum(first, ThroughputRow::wallMillis) + infer - inferFirst);
    List<ThroughputRow> slowest = new ArrayList<>(first);
    slowest.sort(Comparator.comparingDouble(ThroughputRow::wallMillis).reversed());
    double median =
        Quantiles.of(first.stream().mapToDouble(ThroughputRow::wallMillis).toArray()).at(0.5);
    return ThroughputSummaryBuilder.builder()
        .partitions(first.size())
        .waiting(wait / all)
        .decode(decode / all)
        .infer(infer / all)
        .other(Math.max(0, 1 - (wait + decode + infer) / all))
        .slowest(slowest.subList(0, Math.min(SLOWEST, slowest.size())))
        .skew(slowest.get(0).wallMillis() / Math.max(1e-9, median))
        .build();
  }

  private static double sum(List<ThroughputRow> rows, ToDoubleFunction<ThroughputRow> figure) {
    return rows.stream().mapToDouble(figure).sum();
  }

  /** The advice that makes the run faster. */
  public String hint() {
    if (waiting > MUCH_WAITING) {
      return "the cores wait for files: storage or network is the bottleneck";
    }
    if (skew > MUCH_SKEW && slowest.get(0).wallMillis() > LONG_MILLIS) {
      return String.format(
          Locale.ROOT,
          "partitions are uneven: the longest took %.1f times the median, see the slowest below",
          skew);
    }
    return decode > infer
        ? "decoding is the bottleneck: more cores help, a faster model doesn't"
        : "inference is the bottleneck: more cores or a faster model (bf16, int8) help";
  }

  /** Lines for a console. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "time of the tasks: %.0f %% inference, %.0f %% decoding, %.0f %% waiting for files, %.0f %%"
                + " the rest; %s%n",
            100 * infer,
            100 * decode,
            100 * waiting,
            100 * other,
            hint()));
    if (partitions > SLOWEST) {
      text.append(String.format("slowest of %d partitions:%n", partitions));
      for (ThroughputRow row : slowest) {
        text.append(
            String.format(
                Locale.ROOT,
                "  round %d, partition %d on executor %s (%s): %,d images in %.1f s%n",
                row.round(),
                row.partition(),
                row.executor(),
                row.host(),
                row.images(),
                row.wallMillis() / 1e3));
      }
    }
    return text.toString();
  }
}
