package dev.octavo.quantize;

import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.QuantizedNetwork;

/**
 * Correction of biases for the error of rounded weights (Nagel et al., "Data-Free Quantization
 * through Weight Equalization and Bias Correction", ICCV 2019, section 4.2, with means that are
 * observed): with {@code e = q - w} the error of a convolution's weights and {@code x} the patches
 * that it reads, the output's mean is off by {@code e * mean(x)}, which is taken from the bias.
 */
final class BiasCorrection {
  private BiasCorrection() {}

  /**
   * The corrected bias.
   *
   * @param rounded the convolution's integers
   * @param meanPatch {@code [in * kernel * kernel]}
   */
  static float[] of(FoldedNetwork.Conv conv, QuantizedNetwork.Conv rounded, double[] meanPatch) {
    float[] bias = conv.bias().clone();
    for (int o = 0; o < bias.length; o++) {
      double shift = 0;
      for (int k = 0; k < meanPatch.length; k++) {
        int at = o * meanPatch.length + k;
        double real = rounded.weight()[at] * (double) rounded.scale()[o];
        shift += (real - conv.weight()[at]) * meanPatch[k];
      }
      bias[o] = (float) (bias[o] - shift);
    }
    return bias;
  }
}
