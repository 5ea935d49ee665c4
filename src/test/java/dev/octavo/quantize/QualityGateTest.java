package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.metrics.ConfusionMatrix;
import dev.octavo.metrics.ConfusionMatrix.Cell;
import dev.octavo.metrics.Ratio;
import dev.octavo.metrics.SignalToNoise;
import java.util.List;
import org.junit.jupiter.api.Test;

class QualityGateTest {
  private static Comparison comparison(int total, int floatHits, int int8Hits, int agreeing) {
    return new Comparison(
        matrix(total, floatHits),
        matrix(total, int8Hits),
        new Ratio(agreeing, total),
        new SignalToNoise(100, 1));
  }

  private static ConfusionMatrix matrix(int total, int hits) {
    return ConfusionMatrix.of(2, List.of(new Cell(0, 0, hits), new Cell(0, 1, total - hits)));
  }

  @Test
  void aSingleImageOfASmallSplitNeverFails() {
    QualityGate gate = new QualityGate(0.5, 0);
    assertThat(gate.shortfall(comparison(120, 100, 99, 119))).isEmpty();
    assertThat(gate.shortfall(comparison(120, 100, 98, 118)))
        .hasValue("top-1 falls by 1.67 points (2 of 120 images), --max-drop 0.5 allows 1");
  }

  @Test
  void pointsCountWhereTheSplitIsLarge() {
    QualityGate gate = new QualityGate(0.5, 0);
    assertThat(gate.shortfall(comparison(1000, 800, 795, 990))).isEmpty();
    assertThat(gate.shortfall(comparison(1000, 800, 794, 990))).isPresent();
  }

  @Test
  void noDropAtAllMeansNotASingleImage() {
    assertThat(new QualityGate(0, 0).shortfall(comparison(120, 100, 99, 119))).isPresent();
    assertThat(new QualityGate(0, 0).shortfall(comparison(120, 100, 101, 119))).isEmpty();
  }

  @Test
  void tooLittleAgreementIsSaidWithBothFigures() {
    assertThat(new QualityGate(0.5, 0.97).shortfall(comparison(100, 80, 80, 96)))
        .hasValue("both models agree on 96.00 % of the images, --min-agreement asks for 97.00 %");
  }

  @Test
  void boundsThatMakeNoSenseAreNamed() {
    assertThatThrownBy(() -> new QualityGate(-1, 0))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("maxDrop is -1.0, but must be points of top-1 accuracy, from 0 to 100");
    assertThatThrownBy(() -> new QualityGate(0.5, 97))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("minAgreement is 97.0, but must be a fraction from 0 to 1");
  }
}
