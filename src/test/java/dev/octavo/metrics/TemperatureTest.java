package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class TemperatureTest {
  private static final float[][] ROWS = {
    {.9f, .08f, .02f},
    {.7f, .2f, .1f},
    {.1f, .85f, .05f},
    {.6f, .3f, .1f},
    {.05f, .05f, .9f},
    {.8f, .15f, .05f}
  };

  /** SciPy 1.10.1: {@code minimize_scalar} over the mean negative log-likelihood in NumPy. */
  @Test
  void theTemperatureIsThatOfScipy() {
    Temperature temperature = Temperature.fit(ROWS, new int[] {0, 1, 1, 0, 2, 1});
    assertThat(temperature.value()).isCloseTo(1.2277327, within(1e-6));
    assertThat(temperature.confidence(ROWS[0])).isCloseTo(0.8443922, within(1e-6));
  }

  @Test
  void atOneTheConfidenceIsTheProbability() {
    assertThat(new Temperature(1).confidence(ROWS[0])).isCloseTo(0.9, within(1e-7));
  }

  @Test
  void aModelThatIsAlwaysRightOrSureOfZeroHasABoundedTemperature() {
    assertThat(Temperature.fit(ROWS, new int[] {0, 0, 1, 0, 2, 0}).value())
        .isCloseTo(0.001, within(1e-5));
    assertThat(Temperature.fit(new float[][] {{1, 0}, {0, 1}}, new int[] {1, 0}).value())
        .isCloseTo(1000, within(1e-3));
  }
}
