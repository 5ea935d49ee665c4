package dev.octavo.bundle;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Unwrapped;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The figures in the manifest of a quantized bundle. SQNR is the signal-to-quantization-noise ratio
 * of int8 against float in decibels, infinite where both are equal.
 *
 * @param floatModelBytes size of the float model's {@code model.pt}
 * @param gate outcome of the quality gate: {@code passed}, {@code exempt} or {@code not measured}
 * @param gateAttempts each configuration that was tried, with what it reached on val
 * @param layerAloneLogitsSqnrDecibels SQNR of the logits if only this layer is quantized, by layer;
 *     empty if that was not measured
 * @param val int8 against float on the val split; empty without one
 */
public record QuantizationFigures(
    long floatModelBytes,
    String gate,
    List<String> gateAttempts,
    Optional<Map<String, Double>> layerAloneLogitsSqnrDecibels,
    @Unwrapped Optional<OnVal> val) {
  /**
   * The figures on the val split. Accuracies and agreement are from 0 to 1.
   *
   * @param valFloatTop1 top-1 accuracy of the float model
   * @param valInt8Top1 top-1 accuracy of the int8 model
   * @param valFloatMeanPerClass mean over the classes of the float model's accuracy on each
   * @param valInt8MeanPerClass the same of the int8 model
   * @param valAgreement fraction of the images on which both name the same class
   * @param valLogitsSqnrDecibels SQNR of the logits
   * @param valLayerSqnrDecibels SQNR of each layer's output, by layer
   * @param variant of the program with 7-bit weights, if the bundle holds one that was measured
   */
  @RecordBuilder
  public record OnVal(
      double valFloatTop1,
      double valInt8Top1,
      double valFloatMeanPerClass,
      double valInt8MeanPerClass,
      double valAgreement,
      double valLogitsSqnrDecibels,
      Map<String, Double> valLayerSqnrDecibels,
      @Unwrapped Optional<Variant> variant) {}

  /**
   * The figures of {@code model-7bit.pt} on the val split.
   *
   * @param valVariantTop1 top-1 accuracy
   * @param valVariantAgreement fraction of the images on which it names the float model's class
   * @param valVariantLogitsSqnrDecibels SQNR of the logits
   */
  public record Variant(
      double valVariantTop1, double valVariantAgreement, double valVariantLogitsSqnrDecibels) {}

  /**
   * Reads them from the manifest of the bundle in a directory; empty for a float model.
   *
   * @throws dev.octavo.OctavoException if one is missing or wrong
   */
  public static Optional<QuantizationFigures> read(Manifest manifest, Path directory) {
    String source = new Path(directory, Manifest.FILE_NAME).toString();
    return RecordEntries.readIfAny(QuantizationFigures.class, manifest.figures(source));
  }
}
