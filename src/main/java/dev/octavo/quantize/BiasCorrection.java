package dev.octavo.quantize;

import dev.octavo.network.Node;
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
   * @param geometry of the convolution
   * @param rounded its integers
   * @param meanPatch {@code [in * kernel * kernel]}, of which each group reads a part
   */
  static float[] of(
      Node.Conv geometry,
      FoldedNetwork.Conv conv,
      QuantizedNetwork.Conv rounded,
      double[] meanPatch) {
    int perOutput = geometry.weightsPerOutput();
    float[] bias = conv.bias().clone();
    for (int o = 0; o < bias.length; o++) {
      double shift = 0;
      int from = geometry.firstInput(o) * geometry.geometry().taps();
      for (int k = 0; k < perOutput; k++) {
        int at = o * perOutput + k;
        double real = rounded.weight()[at] * (double) rounded.scale()[o];
        shift += (real - conv.weight()[at]) * meanPatch[from + k];
      }
      bias[o] = (float) (bias[o] - shift);
    }
    return bias;
  }
}
