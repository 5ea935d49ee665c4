package dev.octavo.metrics;

/**
 * A count out of a total: top-1 or top-k accuracy, agreement of two sets of predictions.
 *
 * @param hits cases that count, 0 to {@code total}
 * @param total all cases
 */
public record Ratio(long hits, long total) {
  /** Nothing counted yet. */
  public static final Ratio NONE = new Ratio(0, 0);

  /** Checks the bounds. */
  public Ratio {
    if (hits < 0 || hits > total) {
      throw new IllegalArgumentException("%d hits of %d".formatted(hits, total));
    }
  }

  /** The sum of two parts. */
  public Ratio plus(Ratio other) {
    return new Ratio(hits + other.hits, total + other.total);
  }

  /** This ratio with one more case. */
  public Ratio plus(Outcome outcome) {
    return new Ratio(hits + (outcome == Outcome.HIT ? 1 : 0), total + 1);
  }

  /** {@code hits / total}, from 0 to 1; {@code NaN} when nothing was counted. */
  public double value() {
    return total == 0 ? Double.NaN : (double) hits / total;
  }

  /** The outcome of one case. */
  public enum Outcome {
    /** It counts. */
    HIT,
    /** It does not. */
    MISS;

    /** {@link #HIT} where the condition holds. */
    public static Outcome of(boolean hit) {
      return hit ? HIT : MISS;
    }
  }
}
