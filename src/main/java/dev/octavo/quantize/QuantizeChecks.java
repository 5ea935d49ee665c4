package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.QuantizationAwareManifest;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.inference.ConfidenceCalibration;
import dev.octavo.program.Precision;

/** Checks of the settings against this machine, the model and the data. */
record QuantizeChecks(QuantizeSettings settings) {
  void requireThatTrainingSimulatedIt(QuantizationAwareManifest.Ranges simulated) {
    CpuTarget target = simulated.target();
    if (target.operators() != settings.target().operators()
        || target.weightBits() != settings.target().weightBits()) {
      throw new OctavoException(
          "%s was trained for --target %s, which %s computes otherwise: give --target %s, or train for an int8 bundle of the other"
              .formatted(settings.model(), target.id(), settings.target().id(), target.id()));
    }
    if (settings.fallback() != Precision.FP32) {
      throw new OctavoException(
          "%s was trained with float layers in fp32: leave --fallback out"
              .formatted(settings.model()));
    }
    QuantizationConfig approach = settings.approach();
    if (approach.has(Refinement.EQUALIZATION)
        || !approach.floatLayers().isEmpty()
        || settings.calibration().data() == CalibrationData.RANDOM) {
      throw new OctavoException(
          "%s was trained for the ranges and float layers of %s: leave --equalize, --float-layers and --calibration-data out"
              .formatted(settings.model(), simulated.bundle()));
    }
  }

  void requireThatThisCpuComputesTheTarget() {
    CpuFeatures cpu = CpuFeatures.current();
    if (settings.target().isFullRange() && !cpu.sumsBytesExactly()) {
      throw new OctavoException(
          "--target %s: this CPU (%s) would saturate in full-range weights, so the model can't be measured here; take avx2 or portable, or a machine with VNNI"
              .formatted(settings.target().id(), cpu));
    }
  }

  /**
   * Checks that a temperature can be fitted, if one is asked for.
   *
   * @param judged whether the dataset has val images
   */
  void requireThatConfidenceCanBeCalibrated(boolean judged) {
    if (settings.calibrateConfidence() && !judged) {
      throw ConfidenceCalibration.withoutVal(settings.data());
    }
  }
}
