package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Architectures;
import dev.octavo.program.Precision;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The settings in a bundle's manifest that say how to run it; those of its training or quantization
 * stand beside them.
 *
 * @param network the architecture's id
 * @param precision of the program that the bundle holds
 * @param preprocessing from images to what the network takes
 * @param int8 the program's kind, of a quantized model only
 * @param confidenceTemperature what the logits are divided by before softmax; empty for a model
 *     whose confidence was not calibrated
 */
public record BundleManifest(
    String network,
    Filed precision,
    Preprocessing preprocessing,
    Optional<Int8> int8,
    Optional<Double> confidenceTemperature) {
  /** The smallest height and width of images. */
  public static final int MIN_IMAGE_SIZE = 32;

  /** The largest height and width of images. */
  public static final int MAX_IMAGE_SIZE = 1024;

  /** The precisions that programs are filed in. */
  public enum Filed {
    /** A float model. */
    FP32,
    /** A quantized one. */
    INT8
  }

  /**
   * The int8 program's kind.
   *
   * @param target the CPUs that it is for
   * @param weightBits width of the weights' codes
   * @param variant whether the bundle also holds a program with 7-bit weights
   * @param fallback what layers that stay float compute in where the CPU computes that; fp32 if
   *     there is nothing said
   */
  public record Int8(
      CpuTarget target, int weightBits, boolean variant, Optional<Precision> fallback) {
    /** Checks that the width is that of the target. */
    public Int8 {
      InvalidSetting.require(
          weightBits == target.weightBits(),
          "weightBits",
          weightBits,
          "%d for %s".formatted(target.weightBits(), target.id()));
      fallback.ifPresent(
          given ->
              InvalidSetting.require(
                  given == Precision.BF16 && target != CpuTarget.PORTABLE,
                  "fallback",
                  given.id(),
                  target == CpuTarget.PORTABLE ? "left out of portable programs" : "bf16"));
    }

    /** The kind for a target, with float layers in fp32. */
    public Int8(CpuTarget target, boolean variant) {
      this(target, target.weightBits(), variant, Optional.empty());
    }

    /** The precision of float layers on such a CPU. */
    Precision fallback(CpuFeatures cpu) {
      return cpu.computesBfloat16() ? fallback.orElse(Precision.FP32) : Precision.FP32;
    }
  }

  /**
   * Checks them.
   *
   * @throws OctavoException.InvalidSetting if no bundle has such a value
   */
  public BundleManifest {
    Objects.requireNonNull(preprocessing, "preprocessing");
    InvalidSetting.require(
        Architectures.ids().contains(network),
        "network",
        network,
        "one of " + String.join(", ", Architectures.ids()));
    Objects.requireNonNull(precision, "precision");
    InvalidSetting.require(
        preprocessing.cropSize() >= MIN_IMAGE_SIZE && preprocessing.cropSize() <= MAX_IMAGE_SIZE,
        "preprocessing.cropSize",
        preprocessing.cropSize(),
        "a whole number from %d to %d".formatted(MIN_IMAGE_SIZE, MAX_IMAGE_SIZE));
    InvalidSetting.require(
        int8.isPresent() == (precision == Filed.INT8),
        "int8.target",
        int8.map(i -> i.target().id()).orElse("missing"),
        precision == Filed.INT8 ? "there, since the precision is int8" : "left out of fp32");
    confidenceTemperature.ifPresent(
        t ->
            InvalidSetting.require(
                t > 0 && Double.isFinite(t), "confidenceTemperature", t, "above 0 and finite"));
  }

  /**
   * Reads them from the manifest of the bundle in a directory.
   *
   * @throws OctavoException if one is missing or wrong
   */
  public static BundleManifest read(Manifest manifest, Path directory) {
    String source = new Path(directory, Manifest.FILE_NAME).toString();
    return RecordEntries.read(BundleManifest.class, manifest.settings(source));
  }
}
