package dev.octavo.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;

/** Figures survive the way through {@code manifest.json}, under the names that they have there. */
final class QuantizationFiguresTest {
  private static final QuantizationFigures MEASURED =
      new QuantizationFigures(
          94_400_000,
          "passed",
          List.of("mse: passes"),
          Optional.empty(),
          Optional.of(
              QuantizationFiguresOnValBuilder.builder()
                  .valFloatTop1(0.84)
                  .valInt8Top1(0.83)
                  .valFloatMeanPerClass(0.82)
                  .valInt8MeanPerClass(0.81)
                  .valAgreement(1)
                  .valLogitsSqnrDecibels(Double.POSITIVE_INFINITY)
                  .valLayerSqnrDecibels(Map.of("conv1", Double.NaN, "fc", 24.5))
                  .variant(Optional.of(new QuantizationFigures.Variant(0.8, 0.9, 20)))
                  .build()));

  private static Manifest throughJson(Map<String, Object> figures) {
    return Manifest.fromJson(
        Manifest.of(ModelBundle.KIND, Map.of(), Map.of(), figures).toJson(), "manifest.json");
  }

  @Test
  void areReadAsTheyWereWritten() {
    Manifest manifest = throughJson(RecordEntries.of(MEASURED));
    assertThat(QuantizationFigures.read(manifest, new Path("/m"))).contains(MEASURED);
    assertThat(TrainingFigures.read(manifest, new Path("/m"))).isEmpty();
  }

  @Test
  void thoseOfValStandAmongTheOthers() {
    assertThat(throughJson(RecordEntries.of(MEASURED)).figures())
        .containsOnlyKeys(
            "floatModelBytes",
            "gate",
            "gateAttempts",
            "valAgreement",
            "valFloatMeanPerClass",
            "valFloatTop1",
            "valInt8MeanPerClass",
            "valInt8Top1",
            "valLayerSqnrDecibels",
            "valLogitsSqnrDecibels",
            "valVariantAgreement",
            "valVariantLogitsSqnrDecibels",
            "valVariantTop1");
  }

  @Test
  void withoutAValSplitThereAreNone() {
    QuantizationFigures unmeasured =
        new QuantizationFigures(
            94_400_000, "not measured", List.of(), Optional.empty(), Optional.empty());
    Manifest manifest = throughJson(RecordEntries.of(unmeasured));
    assertThat(QuantizationFigures.read(manifest, new Path("/m"))).contains(unmeasured);
  }

  @Test
  void refusesOneThatIsMissing() {
    Map<String, Object> figures = new TreeMap<>(RecordEntries.of(MEASURED));
    figures.remove("valInt8Top1");
    Manifest manifest = throughJson(figures);
    assertThatThrownBy(() -> QuantizationFigures.read(manifest, new Path("/m")))
        .isInstanceOf(OctavoException.class)
        .hasMessage("/m/manifest.json: 'valInt8Top1' is missing, but must be a number");
  }
}
