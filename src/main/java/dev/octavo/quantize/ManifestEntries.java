package dev.octavo.quantize;

import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.QuantizationAwareManifest;
import dev.octavo.bundle.QuantizationFigures;
import dev.octavo.bundle.QuantizationFiguresOnValBuilder;
import dev.octavo.bundle.QuantizationManifestBuilder;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
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
    return RecordEntries.of(
        new QuantizationFigures(
            model.fileBytes(),
            verdict.name().toLowerCase(Locale.ROOT).replace('_', ' '),
            log,
            ranking.isEmpty()
                ? Optional.empty()
                : Optional.of(
                    ranking.stream()
                        .collect(
                            Collectors.toMap(
                                LayerSensitivity::layer, layer -> layer.logits().decibels()))),
            validation.isEmpty()
                ? Optional.empty()
                : Optional.of(onVal(validation, variant, layers))));
  }

  private static QuantizationFigures.OnVal onVal(
      Comparison validation, Optional<Comparison> variant, List<LayerError> layers) {
    return QuantizationFiguresOnValBuilder.builder()
        .valFloatTop1(validation.floatTop1().value())
        .valInt8Top1(validation.int8Top1().value())
        .valFloatMeanPerClass(validation.floatMatrix().meanPerClassAccuracy())
        .valInt8MeanPerClass(validation.int8Matrix().meanPerClassAccuracy())
        .valAgreement(validation.agreement().value())
        .valLogitsSqnrDecibels(validation.logits().decibels())
        .valLayerSqnrDecibels(
            layers.stream()
                .collect(Collectors.toMap(LayerError::layer, layer -> layer.output().decibels())))
        .variant(
            variant.map(
                v ->
                    new QuantizationFigures.Variant(
                        v.int8Top1().value(), v.agreement().value(), v.logits().decibels())))
        .build();
  }
}
