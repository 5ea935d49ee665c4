package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ParentRole;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.CalibrationRecord;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.QuantizationAwareManifest;
import dev.octavo.bundle.QuantizationManifest;
import dev.octavo.bundle.TrainedRanges;
import dev.octavo.program.Precision;
import dev.octavo.program.SimulatedInt8;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * The int8 program that quantization-aware training simulates: the weights are trained, but its
 * ranges, which {@code quantize} found for the weights that training starts from, stay (Wu et al.,
 * "Integer Quantization for Deep Learning Inference", 2020, section 5).
 *
 * @param int8 the program
 * @param ranges of its activations, for the bundle
 * @param source of the ranges, for the manifest
 * @param fallback what float layers of the int8 bundle compute in where the CPU does; training has
 *     them in fp32, and {@code quantize} writes them so
 */
record Simulation(
    SimulatedInt8 int8,
    TrainedRanges ranges,
    QuantizationAwareManifest.Ranges source,
    Precision fallback) {

  /**
   * Reads that of the settings; empty if there is none.
   *
   * @param classes of the data
   * @throws OctavoException if the int8 bundle was not made of the weights, or is none to train for
   */
  static Optional<Simulation> open(Configuration conf, TrainSettings settings, List<String> classes)
      throws IOException {
    if (settings.quantizationAware().isEmpty()) {
      return Optional.empty();
    }
    ModelBundle int8 = ModelBundle.open(conf, settings.quantizationAware().get());
    if (!int8.quantized()) {
      throw new OctavoException(
          "%s is a float model: --quantization-aware takes the int8 bundle that quantize made of --weights"
              .formatted(int8.directory()));
    }
    ModelBundle weights = ModelBundle.open(conf, settings.weights().orElseThrow());
    QuantizationManifest made =
        QuantizationManifest.read(int8.manifest(), int8.directory()).orElseThrow();
    if (!weights.manifest().id().equals(int8.manifest().parents().get(ParentRole.MODEL))) {
      throw new OctavoException(
          "%s was not quantized from %s, so its ranges are those of other weights: give the bundle that it was made from as --weights, or quantize %s"
              .formatted(int8.directory(), weights.directory(), weights.directory()));
    }
    if (made.isEqualized()) {
      throw new OctavoException(
          "%s was equalized, so its ranges are not those of %s: quantize without --equalize"
              .formatted(int8.directory(), weights.directory()));
    }
    String network = settings.network().id();
    if (!int8.network().name().equals(network)) {
      throw new OctavoException(
          "%s is a %s, not a %s: give --network %s"
              .formatted(int8.directory(), int8.network().name(), network, int8.network().name()));
    }
    if (!int8.classes().equals(classes)) {
      throw new OctavoException(
          "%s was trained on other classes than the dataset %s has: give the --data that it was trained with"
              .formatted(int8.directory(), settings.data()));
    }
    if (!int8.preprocessing()
        .normalization()
        .equals(settings.recipe().preprocessing().normalization())) {
      throw new OctavoException(
          "%s normalises pixels otherwise than training a %s does: its ranges don't fit"
              .formatted(int8.directory(), network));
    }
    TrainedRanges ranges =
        TrainedRanges.of(
            int8.quantizedNetwork(conf),
            CalibrationRecord.read(conf, int8.directory(), int8.manifest()).orElseThrow());
    QuantizationAwareManifest.Ranges source =
        new QuantizationAwareManifest.Ranges(
            int8.directory(),
            int8.manifest().id(),
            int8.about().int8().orElseThrow().target(),
            made);
    return Optional.of(
        new Simulation(
            new SimulatedInt8(
                source.target().operators(), source.target().weightBits(), ranges.mappings()),
            ranges,
            source,
            int8.about().int8().orElseThrow().fallback().orElse(Precision.FP32)));
  }

  /** The entries of the manifest. */
  Map<String, Object> settings() {
    return RecordEntries.of(new QuantizationAwareManifest(Optional.of(source)));
  }

  /** The files of the bundle. */
  Map<String, String> texts() {
    return Map.of(TrainedRanges.FILE_NAME, ranges.toJson());
  }

  /** A description of the simulated program. */
  String words() {
    Path bundle = source.bundle();
    return "simulating int8 for %s, %d-bit weights, with the ranges of %s (%s)%s"
        .formatted(
            source.target().id(),
            int8.weightBits(),
            bundle,
            source.calibration().method(),
            fallback == Precision.FP32
                ? ""
                : "; its float layers in fp32, not in %s as that bundle has them"
                    .formatted(fallback.id()));
  }
}
