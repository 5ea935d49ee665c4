package dev.octavo.quantize;

import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.QuantizationAwareManifest;
import dev.octavo.bundle.QuantizationManifestBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The manifest entries of an int8 bundle on its making and its quality. */
final class ManifestEntries {
  private ManifestEntries() {}

  /** The configuration in the end, which may be more than was asked for. */
  static Map<String, Object> settings(
      QuantizeSettings settings, CalibrationSample sample, QuantizationConfig approach) {
    QuantizeSettings.Calibration calibration = settings.calibration();
    boolean random = calibration.data() == CalibrationData.RANDOM;
    return RecordEntries.of(
        QuantizationManifestBuilder.builder()
            .calibrationData(calibration.data().id())
            .calibrationImages(random ? calibration.images() : sample.paths().size())
            .calibrationSample(random ? Optional.empty() : Optional.of(sample.id()))
            .seed(calibration.seed())
            .method(approach.method().id())
            .refinements(
                Stream.of(Refinement.values())
                    .filter(approach::has)
                    .map(Refinement::title)
                    .toList())
            .floatLayers(approach.floatLayers().stream().sorted().toList())
            .methodAskedFor(settings.approach().toString())
            .maxDrop(settings.gate().maxDrop())
            .minAgreement(settings.gate().minAgreement())
            .maxFloatLayers(settings.maxFloatLayers())
            .build());
  }

  /** The configuration of a model whose training simulated these ranges. */
  static Map<String, Object> settings(
      QuantizeSettings settings, QuantizationAwareManifest.Ranges simulated) {
    return RecordEntries.of(
        QuantizationManifestBuilder.builder(simulated.calibration())
            .refinements(List.of())
            .methodAskedFor("as training simulated")
            .maxDrop(settings.gate().maxDrop())
            .minAgreement(settings.gate().minAgreement())
            .maxFloatLayers(0)
            .build());
  }

  /** The figures of the result. */
  static Map<String, Object> figures(
      ModelBundle model,
      Quantize.Verdict verdict,
      List<String> log,
      Comparison validation,
      Optional<Comparison> variant,
      List<LayerError> layers,
      List<LayerSensitivity> ranking) {
    Map<String, Object> entries = new TreeMap<>();
    entries.put("floatModelBytes", model.fileBytes());
    entries.put("gate", verdict.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    entries.put("gateAttempts", log);
    if (!ranking.isEmpty()) {
      Map<String, Double> alone = new TreeMap<>();
      ranking.forEach(layer -> alone.put(layer.layer(), layer.logits().decibels()));
      entries.put("layerAloneLogitsSqnrDecibels", alone);
    }
    if (!validation.isEmpty()) {
      entries.put("valFloatTop1", validation.floatTop1().value());
      entries.put("valInt8Top1", validation.int8Top1().value());
      entries.put("valFloatMeanPerClass", validation.floatMatrix().meanPerClassAccuracy());
      entries.put("valInt8MeanPerClass", validation.int8Matrix().meanPerClassAccuracy());
      entries.put("valAgreement", validation.agreement().value());
      entries.put("valLogitsSqnrDecibels", validation.logits().decibels());
      variant.ifPresent(
          v -> {
            entries.put("valVariantTop1", v.int8Top1().value());
            entries.put("valVariantAgreement", v.agreement().value());
            entries.put("valVariantLogitsSqnrDecibels", v.logits().decibels());
          });
      Map<String, Double> sqnr = new TreeMap<>();
      layers.forEach(layer -> sqnr.put(layer.layer(), layer.output().decibels()));
      entries.put("valLayerSqnrDecibels", sqnr);
    }
    return entries;
  }
}
