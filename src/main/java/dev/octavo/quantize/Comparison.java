package dev.octavo.quantize;

import dev.octavo.metrics.ConfusionMatrix;
import dev.octavo.metrics.Ratio;
import dev.octavo.metrics.SignalToNoise;

/**
 * A quantized program compared with its float program, on the same images.
 *
 * @param floatMatrix what the float program takes the labelled images for
 * @param int8Matrix what the quantized program takes them for
 * @param agreement how often both name the same class
 * @param logits signal to quantization noise of the logits
 */
public record Comparison(
    ConfusionMatrix floatMatrix,
    ConfusionMatrix int8Matrix,
    Ratio agreement,
    SignalToNoise logits) {

  /** The float program's top-1 accuracy. */
  public Ratio floatTop1() {
    return floatMatrix.accuracy();
  }

  /** The quantized program's top-1 accuracy. */
  public Ratio int8Top1() {
    return int8Matrix.accuracy();
  }

  /** Returns whether there was anything to compare on. */
  public boolean isEmpty() {
    return agreement.total() == 0;
  }
}
