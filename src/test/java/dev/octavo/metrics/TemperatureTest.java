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
  void logitsBelowZeroAreDividedAsOthers() {
    float[][] logits = {{-2, -4, -90}, {-8, -3, -5}, {-1, -2, -1.5f}, {-7, -6, -9}};
    float[][] raised = new float[4][3];
    for (int i = 0; i < 4; i++) {
      for (int c = 0; c < 3; c++) {
        raised[i][c] = logits[i][c] + 100;
      }
    }
    int[] labels = {0, 1, 1, 1};
    Temperature fitted = Temperature.fitToLogits(logits, labels);
    assertThat(Temperature.fitToLogits(raised, labels).value())
        .isCloseTo(fitted.value(), within(1e-5 * fitted.value()));
    assertThat(new Temperature(2).probabilities(new float[] {-1, -1 - 2 * (float) Math.log(3)}))
        .containsExactly(new float[] {0.75f, 0.25f}, within(1e-6f));
  }

  @Test
  void aModelThatIsAlwaysRightOrSureOfZeroHasABoundedTemperature() {
    assertThat(Temperature.fit(ROWS, new int[] {0, 0, 1, 0, 2, 0}).value())
        .isCloseTo(0.001, within(1e-5));
    assertThat(Temperature.fit(new float[][] {{1, 0}, {0, 1}}, new int[] {1, 0}).value())
        .isCloseTo(1000, within(1e-3));
  }

  /**
   * 300 images of 10 classes with the logits {@code 4 sin(1.7 i + 2.3 c²)}, every third labelled as
   * the class after the likeliest; SciPy 1.17.1 ({@code minimize_scalar}) and NumPy 2.4, in
   * doubles.
   */
  @Test
  void theCalibrationErrorAtTheTemperatureIsThatOfNumpy() {
    float[][] rows = new float[300][10];
    float[][] logits = new float[300][];
    int[] labels = new int[300];
    for (int i = 0; i < rows.length; i++) {
      for (int c = 0; c < 10; c++) {
        rows[i][c] = (float) (4 * Math.sin(1.7 * i + 2.3 * c * c));
      }
      logits[i] = rows[i];
      rows[i] = TopK.softmax(rows[i]);
      labels[i] = (TopK.indices(rows[i], 1)[0] + (i % 3 == 0 ? 1 : 0)) % 10;
    }
    Temperature fitted = Temperature.fit(rows, labels);
    // torch 2.13: LBFGS on CrossEntropyLoss(logits / t), in doubles.
    assertThat(Temperature.fitToLogits(logits, labels).value())
        .isCloseTo(2.753378185, within(1e-7));
    assertThat(fitted.value()).isCloseTo(2.75337826981133, within(1e-5));
    Reliability before = new Reliability();
    Reliability after = new Reliability();
    for (int i = 0; i < rows.length; i++) {
      Ratio.Outcome outcome = Ratio.Outcome.of(TopK.rank(rows[i], labels[i]) == 1);
      before.add(new Temperature(1).confidence(rows[i]), outcome);
      after.add(fitted.confidence(rows[i]), outcome);
    }
    assertThat(before.expectedCalibrationError()).isCloseTo(0.23201096183811934, within(1e-6));
    assertThat(before.brier()).isCloseTo(0.2844797847299581, within(1e-6));
    assertThat(after.expectedCalibrationError()).isCloseTo(0.4045462106192689, within(1e-6));
    assertThat(after.brier()).isCloseTo(0.3880951781689465, within(1e-6));
  }
}
