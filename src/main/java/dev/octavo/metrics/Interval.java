package dev.octavo.metrics;

import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * An interval of confidence.
 *
 * @param low its lower end
 * @param high its upper end, at least {@code low}
 */
public record Interval(double low, double high) {
  private static final NormalDistribution NORMAL = new NormalDistribution(null, 0, 1);

  /** Checks the order. */
  public Interval {
    if (!(low <= high)) {
      throw new IllegalArgumentException("an interval from %s to %s".formatted(low, high));
    }
  }

  /** The quantile of the standard normal distribution. */
  static double normalQuantile(double probability) {
    return NORMAL.inverseCumulativeProbability(probability);
  }

  /**
   * The interval of a proportion by E. B. Wilson ("Probable Inference, the Law of Succession, and
   * Statistical Inference", Journal of the American Statistical Association 22, 1927), without a
   * correction for continuity: {@code (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)}. It
   * stays within 0 and 1 and is usable where {@code p} is either.
   *
   * @param level of confidence, as in 0.95
   * @throws IllegalArgumentException if nothing was counted
   */
  public static Interval wilson(Ratio ratio, double level) {
    if (ratio.total() == 0) {
      throw new IllegalArgumentException("an interval of a proportion of nothing");
    }
    double n = ratio.total();
    double p = ratio.value();
    double z = normalQuantile((1 + level) / 2);
    double middle = p + z * z / (2 * n);
    double half = z * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    double scale = 1 + z * z / n;
    return new Interval(Math.max(0, (middle - half) / scale), Math.min(1, (middle + half) / scale));
  }
}
