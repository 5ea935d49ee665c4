package dev.octavo.quantize;

import dev.octavo.bundle.ModelBundle;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The manifest entries of an int8 bundle on its making and its quality. */
final class ManifestEntries {
  private ManifestEntries() {}

  /** The configuration in the end, which may be more than was asked for. */
  static Map<String, Object> settings(
      QuantizeSettings settings, CalibrationSample sample, QuantizationConfig approach) {
    Map<String, Object> entries = new TreeMap<>();
    QuantizeSettings.Calibration calibration = settings.calibration();
    entries.put("calibrationData", calibration.data().id());
    if (calibration.data() == CalibrationData.RANDOM) {
      entries.put("calibrationImages", calibration.images());
    } else {
      entries.put("calibrationImages", sample.paths().size());
      entries.put("calibrationSample", sample.id());
    }
    entries.put("seed", calibration.seed());
    entries.put("method", approach.method().id());
    entries.put(
        "refinements",
        Stream.of(Refinement.values()).filter(approach::has).map(Refinement::title).toList());
    entries.put("floatLayers", new TreeSet<>(approach.floatLayers()));
    entries.put("methodAskedFor", settings.approach().toString());
    entries.put("maxDrop", settings.gate().maxDrop());
    entries.put("minAgreement", settings.gate().minAgreement());
    entries.put("maxFloatLayers", settings.maxFloatLayers());
    return entries;
  }

  /** The figures of the result. */
  static Map<String, Object> figures(
      ModelBundle model,
      Quantize.Verdict verdict,
      List<String> log,
      Comparison validation,
      Optional<Comparison> variant,
      List<LayerError> layers) {
    Map<String, Object> entries = new TreeMap<>();
    entries.put("floatModelBytes", model.fileBytes());
    entries.put("gate", verdict.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    entries.put("gateAttempts", log);
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
