package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.metrics.Ratio.Outcome;
import org.junit.jupiter.api.Test;

final class ReliabilityTest {
  private static final double[] CONFIDENCES = {.05, .2, .34, .5, .61, .72, .83, .91, .95, .99};
  private static final int[] RIGHT = {0, 0, 1, 0, 1, 1, 0, 1, 1, 1};

  private static Reliability reliability() {
    Reliability reliability = new Reliability();
    for (int i = 0; i < RIGHT.length; i++) {
      reliability.add(CONFIDENCES[i], Outcome.of(RIGHT[i] == 1));
    }
    return reliability;
  }

  /**
   * NumPy: {@code Σ m.mean() · |hit[m].mean() − conf[m].mean()|} with {@code linspace(0, 1, 16)}.
   */
  @Test
  void theCalibrationErrorAndTheBrierScoreAreThoseOfNumpy() {
    assertThat(reliability().expectedCalibrationError()).isCloseTo(0.306, within(1e-12));
    assertThat(reliability().brier()).isCloseTo(0.16582, within(1e-12));
    assertThat(reliability().bins()).hasSize(9); // 0.34 and 0.2 apart, 0.95 and 0.99 together
  }

  @Test
  void coverageCountsWhatIsAtLeastAsSure() {
    Reliability reliability = reliability();
    assertThat(reliability.coverage(0)).isEqualTo(new Ratio(10, 10));
    assertThat(reliability.coverage(0.5)).isEqualTo(new Ratio(7, 10));
    assertThat(reliability.accuracy(0.5)).isEqualTo(new Ratio(5, 7));
    reliability.addUnlabelled(1);
    assertThat(reliability.coverage(1)).isEqualTo(new Ratio(1, 11));
    assertThat(reliability.labelled()).isEqualTo(10);
  }

  @Test
  void ofNothingNothingIsSaid() {
    assertThat(new Reliability().expectedCalibrationError()).isNaN();
    assertThat(new Reliability().brier()).isNaN();
    assertThat(new Reliability().bins()).isEmpty();
  }
}
