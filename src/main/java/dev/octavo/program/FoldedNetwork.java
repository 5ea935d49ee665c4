package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.weights.StateDict;
import dev.octavo.weights.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network whose batch norms are folded into its convolutions and whose pixel scaling is folded
 * into the first one.
 *
 * <p>Batch norm computes {@code (conv(x) - mean) / sqrt(var + eps) * gamma + beta}, which is a
 * convolution with weights {@code w * s} and bias {@code beta - mean * s}, {@code s = gamma /
 * sqrt(var + eps)} per output channel. The first convolution also takes the division by {@code 255
 * * std}: its input is {@code pixel - 255 * mean}.
 *
 * @param network the architecture
 * @param convolutions by the convolution's name
 * @param linearWeight of the classifier, {@code [classes, features]} row-major
 * @param linearBias of the classifier, {@code [classes]}
 */
public record FoldedNetwork(
    Network network, Map<String, Conv> convolutions, float[] linearWeight, float[] linearBias) {

  /**
   * A folded convolution.
   *
   * @param weight {@code [out, in, kernel, kernel]} row-major
   * @param bias {@code [out]}
   */
  public record Conv(float[] weight, float[] bias) {
    /** Weight and bias as tensors. */
    List<Tensor> tensors(Node.Conv c) {
      return List.of(
          Tensor.of(weight, c.outChannels(), c.inChannels(), c.kernel(), c.kernel()),
          Tensor.of(bias, c.outChannels()));
    }

    /**
     * The first convolution for raw pixels: {@code w * (pixel - mean) + bias}, without the mean.
     */
    Conv withMeanInBias(Node.Conv geometry) {
      int perInput = geometry.kernel() * geometry.kernel();
      int perOutput = geometry.inChannels() * perInput;
      float[] shifted = bias.clone();
      for (int o = 0; o < shifted.length; o++) {
        double sum = 0;
        for (int k = 0; k < perOutput; k++) {
          sum += weight[o * perOutput + k] * (double) Normalization.meanPixel(k / perInput);
        }
        shifted[o] = (float) (bias[o] - sum);
      }
      return new Conv(weight, shifted);
    }
  }

  /** Folds the weights of a network. */
  public static FoldedNetwork of(Network network, StateDict state) {
    Map<String, Conv> convolutions = new LinkedHashMap<>();
    float[] linearWeight = {};
    float[] linearBias = {};
    for (Node node : network.nodes()) {
      if (node instanceof Node.Conv c) {
        convolutions.put(c.name(), fold(c, state));
      } else if (node instanceof Node.Linear l) {
        linearWeight = state.tensor(l.name() + ".weight").toFloats();
        linearBias = state.tensor(l.name() + ".bias").toFloats();
      }
    }
    return new FoldedNetwork(network, convolutions, linearWeight, linearBias);
  }

  private static Conv fold(Node.Conv c, StateDict state) {
    float[] weight = state.tensor(c.name() + ".weight").toFloats();
    float[] gamma = state.tensor(c.norm() + ".weight").toFloats();
    float[] beta = state.tensor(c.norm() + ".bias").toFloats();
    float[] mean = state.tensor(c.norm() + ".running_mean").toFloats();
    float[] var = state.tensor(c.norm() + ".running_var").toFloats();
    float[] bias = new float[c.outChannels()];
    int perInput = c.kernel() * c.kernel();
    int perOutput = c.inChannels() * perInput;
    for (int o = 0; o < c.outChannels(); o++) {
      double s = gamma[o] / Math.sqrt(var[o] + EagerSource.batchNormEpsilon());
      bias[o] = (float) (beta[o] - mean[o] * s);
      for (int k = 0; k < perOutput; k++) {
        double scale = s;
        if (c.input() == Node.PIXELS) {
          scale /= 255.0 * Normalization.std(k / perInput);
        }
        weight[o * perOutput + k] = (float) (weight[o * perOutput + k] * scale);
      }
    }
    return new Conv(weight, bias);
  }
}
