package dev.octavo.quantize;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.program.Precision;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * The settings of {@link Quantize}.
 *
 * @param model bundle of a float model
 * @param data dataset that it was trained on
 * @param out where the int8 bundle goes
 * @param ifExists what to do when something is there already
 * @param calibration what ranges are observed on
 * @param approach how to quantize, if the gate lets it pass; its float layers may be patterns
 * @param target which CPUs it is for
 * @param fallback what float layers compute in: fp32, or bf16 where the CPU computes it
 * @param gate what the int8 model must hold on val
 * @param maxFloatLayers how many more layers may fall back to float32 for it
 * @param calibrateConfidence whether a temperature is fitted to the int8 model's logits on val
 * @param sensitivity whether the layers are measured one at a time
 * @param forecastTime how long each program of the forecast is timed; zero: there is none
 */
@RecordBuilder
public record QuantizeSettings(
    Path model,
    Path data,
    Path out,
    Destination.IfExists ifExists,
    Calibration calibration,
    QuantizationConfig approach,
    CpuTarget target,
    Precision fallback,
    QualityGate gate,
    int maxFloatLayers,
    boolean calibrateConfidence,
    SensitivityTable sensitivity,
    Duration forecastTime) {

  /** Checks the ranges. */
  public QuantizeSettings {
    Objects.requireNonNull(model, "model");
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(forecastTime, "forecastTime");
    InvalidSetting.require(
        fallback == Precision.FP32 || (fallback == Precision.BF16 && target != CpuTarget.PORTABLE),
        "fallback",
        fallback.id(),
        target == CpuTarget.PORTABLE ? "fp32 with the target portable" : "fp32 or bf16");
    InvalidSetting.require(maxFloatLayers >= 0, "maxFloatLayers", maxFloatLayers, "at least 0");
  }

  /**
   * The sample that ranges are observed on.
   *
   * @param data images or noise
   * @param images how many
   * @param seed of their choice
   */
  public record Calibration(CalibrationData data, int images, long seed) {
    /** Checks the number. */
    public Calibration {
      InvalidSetting.require(images >= 1, "calibrationImages", images, "at least 1");
    }
  }

  /** The cases in which layers are measured one at a time. */
  public enum SensitivityTable {
    /** Only when the gate fails. */
    WHEN_NEEDED,
    /** Always, for the table. */
    ALWAYS
  }

  /** The inputs that are read. */
  public List<Input> inputs() {
    return List.of(Input.of("--model", model), Input.of("--data", data));
  }
}
