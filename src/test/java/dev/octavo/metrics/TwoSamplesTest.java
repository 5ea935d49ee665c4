package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Expected values are those of SciPy 1.17.1. */
final class TwoSamplesTest {
  /**
   * {@code a = ((37 * i) % 101) / 101 for i < 80, b = (((53 * i) % 97) / 97) ** 1.5 for i < 60; d =
   * ks_2samp(a, b).statistic; scipy.special.kolmogorov(d * sqrt(80 * 60 / 140))}.
   */
  @Test
  void kolmogorovSmirnovIsThatOfScipy() {
    double[] a = IntStream.range(0, 80).mapToDouble(i -> 37 * i % 101 / 101.0).toArray();
    double[] b =
        IntStream.range(0, 60).mapToDouble(i -> Math.pow(53 * i % 97 / 97.0, 1.5)).toArray();
    TwoSamples.Difference difference = TwoSamples.kolmogorovSmirnov(a, b);
    assertThat(difference.statistic()).isCloseTo(0.19583333333333333, within(1e-12));
    assertThat(difference.p()).isCloseTo(0.14413721792791828, within(1e-9));
  }

  /** {@code chi2_contingency([first, second], correction=False).pvalue} without the empty class. */
  @Test
  void theTestOfCategoriesIsThatOfScipy() {
    TwoSamples.Difference difference =
        TwoSamples.categories(new long[] {30, 0, 50, 20, 0}, new long[] {45, 0, 90, 55, 10});
    assertThat(difference.statistic()).isCloseTo(0.125, within(1e-12));
    assertThat(difference.p()).isCloseTo(0.03917945623791421, within(1e-9));
  }

  @Test
  void equalSamplesDontDiffer() {
    assertThat(TwoSamples.categories(new long[] {0, 7}, new long[] {0, 70}))
        .isEqualTo(new TwoSamples.Difference(0, 1));
    assertThat(TwoSamples.kolmogorovSmirnov(new double[] {1, 2, 3}, new double[] {1, 2, 3}).p())
        .isCloseTo(1, within(1e-9));
  }

  @Test
  void refusesWhatCantBeCompared() {
    assertThatThrownBy(() -> TwoSamples.categories(new long[1], new long[2]))
        .hasMessage("1 and 2 categories");
    assertThatThrownBy(() -> TwoSamples.categories(new long[2], new long[] {1, 1}))
        .hasMessage("an empty sample");
    assertThatThrownBy(() -> TwoSamples.kolmogorovSmirnov(new double[1], new double[2]))
        .hasMessage("samples of 1 and 2 values");
  }
}
