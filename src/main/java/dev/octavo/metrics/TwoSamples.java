package dev.octavo.metrics;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.stat.inference.ChiSquareTest;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;

/** The distance of two samples, and the probability that chance explains it. */
public final class TwoSamples {
  private TwoSamples() {}

  /**
   * A difference with its test.
   *
   * @param statistic how far apart
   * @param p the probability of that much or more where both samples are of one distribution
   */
  public record Difference(double statistic, double p) {}

  /**
   * The test of A. N. Kolmogorov and N. V. Smirnov: the greatest distance {@code D} of the two
   * empirical distribution functions, 0 to 1, and its asymptotic two-sided p-value, that of {@code
   * D √(n m / (n + m))} under Kolmogorov's distribution.
   *
   * @throws IllegalArgumentException if a sample has fewer than two values
   */
  public static Difference kolmogorovSmirnov(double[] first, double[] second) {
    if (first.length < 2 || second.length < 2) {
      throw new IllegalArgumentException(
          "samples of %d and %d values".formatted(first.length, second.length));
    }
    KolmogorovSmirnovTest test = new KolmogorovSmirnovTest();
    double d = test.kolmogorovSmirnovStatistic(first, second);
    return new Difference(d, test.approximateP(d, first.length, second.length));
  }

  /**
   * The total variation distance of two samples of categories: half the sum of the differences of
   * their shares, 0 (the same shares) to 1 (nothing in common). The p-value is that of Pearson's
   * chi-squared test of homogeneity, without a correction for continuity.
   *
   * @param first counts by category; at least one of a category
   * @param second counts of the same categories
   * @throws IllegalArgumentException if a sample is empty or the lengths differ
   */
  public static Difference categories(long[] first, long[] second) {
    if (first.length != second.length) {
      throw new IllegalArgumentException(
          "%d and %d categories".formatted(first.length, second.length));
    }
    double n = sum(first);
    double m = sum(second);
    if (n == 0 || m == 0) {
      throw new IllegalArgumentException("an empty sample");
    }
    double distance = 0;
    List<Integer> seen = new ArrayList<>();
    for (int i = 0; i < first.length; i++) {
      distance += Math.abs(first[i] / n - second[i] / m) / 2;
      if (first[i] + second[i] > 0) {
        seen.add(i);
      }
    }
    double p =
        seen.size() < 2
            ? 1
            : new ChiSquareTest()
                .chiSquareTestDataSetsComparison(
                    seen.stream().mapToLong(i -> first[i]).toArray(),
                    seen.stream().mapToLong(i -> second[i]).toArray());
    return new Difference(distance, p);
  }

  private static double sum(long[] counts) {
    double sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}
