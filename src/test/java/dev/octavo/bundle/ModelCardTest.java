package dev.octavo.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.ResNet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class ModelCardTest {
  private static final List<String> CLASSES = List.of("bar", "child's \"room\"", "gym");

  private static String card(
      Optional<BundleManifest.Int8> int8, Map<String, Object> made, Map<String, Object> figures) {
    BundleWriter.Description about =
        new BundleWriter.Description(
            ResNet.RESNET50.network(3), CLASSES, Preprocessing.ofSize(224), int8, Optional.empty());
    Map<String, Object> settings = new TreeMap<>(made);
    settings.putAll(RecordEntries.of(about.manifest()));
    return new ModelCard(
            about, Manifest.of(ModelBundle.KIND, Map.of("data", "sha256:abc"), settings, figures))
        .text();
  }

  private static Map<String, Object> trained(double top1) {
    return RecordEntries.of(
        new TrainingFigures(
            3, 90, 10, 0.5, 0.9, Optional.of(new TrainingFigures.OnVal(0.6, top1, 0.975, 0.8))));
  }

  private static String metadata(String card) {
    String[] parts = card.split("(?m)^---\n", -1);
    assertThat(parts[0]).isEmpty();
    return parts[1];
  }

  /** To the letter, in the form of the Hub's model card specification. */
  @Test
  void startsWithTheMetadataThatTheHubReads() {
    assertThat(metadata(card(Optional.empty(), Map.of("seed", 17), trained(0.8125))))
        .isEqualTo(
            """
            library_name: djl
            pipeline_tag: image-classification
            tags:
            - "image-classification"
            - "torchscript"
            - "djl"
            - "resnet50"
            - "fp32"
            metrics:
            - accuracy
            model-index:
            - name: "resnet50, fp32, 3 classes"
              results:
              - task:
                  type: image-classification
                dataset:
                  type: imagefolder
                  name: "dataset sha256:abc, 3 classes"
                  split: val
                metrics:
                - type: accuracy
                  name: "top-1 accuracy"
                  value: 0.812500
                - type: accuracy
                  name: "top-5 accuracy"
                  value: 0.975000
                - type: recall
                  name: "mean per-class accuracy"
                  value: 0.800000
            """);
  }

  @Test
  void saysWhatItTakesHowGoodItIsAndHowItWasMade() {
    String card = card(Optional.empty(), Map.of("seed", 17), trained(0.8125));
    assertThat(card)
        .contains("# resnet50, fp32, 3 classes", "| top-1 accuracy | 81.25 % |")
        .contains("uint8 [N, 224, 224, 3]", "resized to 256 pixels (bilinear")
        .contains("    seed: 17", "    from data: sha256:abc")
        .doesNotContain("preprocessing.cropSize");
  }

  @Test
  void anInt8ModelsCardNamesItsCpusAndItsFloatModelsAccuracy() {
    String card =
        card(
            Optional.of(new BundleManifest.Int8(CpuTarget.VNNI, true)),
            RecordEntries.of(
                QuantizationManifestBuilder.builder()
                    .calibrationData(QuantizationManifest.RANDOM)
                    .calibrationImages(512)
                    .calibrationSample(Optional.empty())
                    .seed(17)
                    .method("minmax")
                    .refinements(List.of())
                    .floatLayers(List.of())
                    .methodAskedFor("minmax")
                    .maxDrop(1)
                    .minAgreement(0.98)
                    .maxFloatLayers(0)
                    .build()),
            RecordEntries.of(
                new QuantizationFigures(
                    94_000_000,
                    "exempt",
                    List.of(),
                    Optional.empty(),
                    Optional.of(
                        QuantizationFiguresOnValBuilder.builder()
                            .valFloatTop1(0.81)
                            .valInt8Top1(0.8)
                            .valFloatMeanPerClass(0.81)
                            .valInt8MeanPerClass(0.8)
                            .valAgreement(0.97)
                            .valLogitsSqnrDecibels(Double.POSITIVE_INFINITY)
                            .valLayerSqnrDecibels(Map.of())
                            .variant(Optional.empty())
                            .build()))));
    assertThat(card)
        .contains("`vnni`", "weights of 8 bits", "model-7bit.pt", "Not for use.")
        .contains("| top-1 accuracy of the float model | 81.00 % |")
        .contains("| agreement with the float model | 97.00 % |");
    assertThat(metadata(card)).contains("model-index:", "- \"int8\"");
  }

  @Test
  void whatWasNotMeasuredIsNotClaimed() {
    String nothing = card(Optional.empty(), Map.of(), Map.of());
    assertThat(nothing).contains("Nothing was measured on a val split.");
    assertThat(metadata(nothing)).doesNotContain("model-index", "metrics");
    String card = card(Optional.empty(), Map.of(), trained(Double.NaN));
    assertThat(metadata(card)).contains("top-5 accuracy").doesNotContain("top-1 accuracy");
  }

  @Test
  void aSettingCantBreakOutOfItsLine() {
    String card = card(Optional.empty(), Map.of("note", "a\n# b\r\n---"), Map.of());
    assertThat(card).contains("    note: a # b ---\n");
  }
}
