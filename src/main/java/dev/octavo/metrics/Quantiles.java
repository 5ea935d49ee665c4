package dev.octavo.metrics;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * Quantiles of a finite sample by linear interpolation between order statistics (type 7 of Hyndman
 * and Fan, "Sample Quantiles in Statistical Packages", 1996; numpy's default): with the {@code n}
 * values sorted, the quantile at {@code q} is at position {@code (n − 1) · q}.
 */
public final class Quantiles {
  private final double[] sorted;

  private Quantiles(double[] sorted) {
    this.sorted = sorted;
  }

  /**
   * The quantiles of some values.
   *
   * @throws IllegalArgumentException if there are none or one is {@code NaN}
   */
  public static Quantiles of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("quantiles of no values");
    }
    if (DoubleStream.of(values).anyMatch(Double::isNaN)) {
      throw new IllegalArgumentException("quantiles of values that hold NaN");
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Quantiles(sorted);
  }

  /** The value at {@code q}, from 0 (the least) to 1 (the greatest). */
  public double at(double q) {
    if (!(q >= 0 && q <= 1)) {
      throw new IllegalArgumentException("quantile " + q + " is not within 0 and 1");
    }
    double position = (sorted.length - 1) * q;
    int below = (int) position;
    double fraction = position - below;
    if (fraction == 0) {
      return sorted[below];
    }
    return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
  }

  /** The value at 0.5. */
  public double median() {
    return at(0.5);
  }
}
