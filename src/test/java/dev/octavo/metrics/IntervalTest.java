package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IntervalTest {
  /** statsmodels 0.13.5: {@code proportion_confint(hits, total, method='wilson')}. */
  @ParameterizedTest
  @CsvSource({
    "663, 670, 0.9785926884058127, 0.994930076352653",
    "0, 12, 0.0, 0.24249400665524096",
    "12, 12, 0.7575059933447589, 1.0",
    "1161, 2100, 0.5315147029271767, 0.5740065563241936"
  })
  void wilsonsIntervalIsThatOfStatsmodels(long hits, long total, double low, double high) {
    Interval interval = Interval.wilson(new Ratio(hits, total), 0.95);
    assertThat(interval.low()).isCloseTo(low, within(1e-9));
    assertThat(interval.high()).isCloseTo(high, within(1e-9));
  }
}
