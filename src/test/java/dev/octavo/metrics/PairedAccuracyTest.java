package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values are those of SciPy 1.10.1 and statsmodels 0.13.5. */
final class PairedAccuracyTest {
  private static PairedAccuracy of(long images, long onlyFirst, long onlySecond) {
    return new PairedAccuracy(images - onlyFirst - onlySecond, onlyFirst, onlySecond, 0);
  }

  /** statsmodels: {@code mcnemar([[1000, b], [c, 50]], exact=True).pvalue}. */
  @ParameterizedTest
  @CsvSource({
    "31, 29, 0.8974218269914307",
    "45, 20, 0.0026263768106840374",
    "6, 0, 0.03125",
    "5, 1, 0.21875",
    "600, 500, 0.002819544991436429",
    "0, 0, 1",
    "3, 3, 1"
  })
  void mcnemarsTestIsThatOfStatsmodels(long b, long c, double expected) {
    assertThat(new PairedAccuracy(1000, b, c, 50).mcnemar())
        .isCloseTo(expected, within(1e-9 * expected));
  }

  /**
   * SciPy: {@code bootstrap((d,), np.mean, n_resamples=100000, method='percentile')} over the
   * differences of the images; both have an error of some images, as both draw at random.
   */
  @ParameterizedTest
  @CsvSource({"2100, 31, 29, -0.006190, 0.008095", "1000, 45, 20, 0.010, 0.041"})
  void theBootstrapIsThatOfScipy(long images, long b, long c, double low, double high) {
    Interval interval = of(images, b, c).dropInterval(17);
    assertThat(interval.low()).isCloseTo(low, within(2.0 / images));
    assertThat(interval.high()).isCloseTo(high, within(2.0 / images));
    assertThat(of(images, b, c).dropInterval(17)).isEqualTo(interval);
  }

  /** statsmodels: {@code proportion_confint(0, 670, method='beta')}. */
  @Test
  void whereNoImageTellsThemApartTheIntervalIsWhatThatLeavesOpen() {
    Interval interval = of(670, 0, 0).dropInterval(17);
    assertThat(interval.high()).isCloseTo(0.0054906611455821375, within(1e-12));
    assertThat(interval.low()).isEqualTo(-interval.high());
  }

  /** Connor's formula with SciPy's {@code norm.ppf}. */
  @ParameterizedTest
  @CsvSource({"0.01, 2241", "0.003, 24915"})
  void theNumberOfImagesIsThatOfConnorsFormula(double difference, long expected) {
    assertThat(of(2100, 31, 29).imagesToShow(difference)).isEqualTo(expected);
  }

  @Test
  void theSmallestDifferenceShownNeedsTheImagesThatThereAre() {
    PairedAccuracy pairs = of(2100, 31, 29);
    double smallest = pairs.smallestShown();
    assertThat(pairs.imagesToShow(smallest)).isLessThanOrEqualTo(2100);
    assertThat(pairs.imagesToShow(0.999 * smallest)).isGreaterThan(2100);
  }

  @Test
  void aMillionImagesTakeNoLonger() {
    Interval interval = of(1_000_000, 60_000, 59_000).dropInterval(17);
    assertThat(interval.low()).isCloseTo(0.000324, within(0.00005));
    assertThat(interval.high()).isCloseTo(0.001676, within(0.00005));
  }

  @Test
  void refusesNegativeCountsAndIntervalsOverNothing() {
    assertThatThrownBy(() -> new PairedAccuracy(1, -1, 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none may be negative");
    assertThatThrownBy(() -> of(0, 0, 0).dropInterval(1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
