package dev.octavo.program;

import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network whose batch norms are folded into its convolutions and whose pixel scaling is folded
 * into the first one.
 *
 * <p>Batch norm computes {@code (conv(x) - mean) / sqrt(var + eps) * gamma + beta}, which is a
 * convolution with weights {@code w * s} and bias {@code beta - mean * s}, {@code s = gamma /
 * sqrt(var + eps)} per output channel. A convolution of the pixels also takes the division by
 * {@code 255 * std}: its input is {@code pixel - 255 * mean}.
 *
 * @param graph the architecture
 * @param convolutions by the convolution's name
 * @param dense the affine maps, by name
 * @param normalization of the pixels
 */
public record FoldedNetwork(
    FusedNetwork graph,
    Map<String, Conv> convolutions,
    Map<String, Dense> dense,
    Normalization normalization) {

  /**
   * A folded convolution.
   *
   * @param weight {@code [out, in / groups, kernel, kernel]} row-major
   * @param bias {@code [out]}
   */
  public record Conv(float[] weight, float[] bias) {
    /** Weight and bias as tensors. */
    List<Tensor> tensors(Node.Conv c) {
      return List.of(Tensor.of(weight, c.weightShape()), Tensor.of(bias, c.outChannels()));
    }

    /**
     * The first convolution for raw pixels: {@code w * (pixel - mean) + bias}, without the mean.
     */
    Conv withMeanInBias(Node.Conv c, Normalization normalization) {
      int perInput = c.geometry().taps();
      int perOutput = c.weightsPerOutput();
      float[] shifted = bias.clone();
      for (int o = 0; o < shifted.length; o++) {
        double sum = 0;
        for (int k = 0; k < perOutput; k++) {
          int channel = c.firstInput(o) + k / perInput;
          sum += weight[o * perOutput + k] * (double) normalization.meanPixel(channel);
        }
        shifted[o] = (float) (bias[o] - sum);
      }
      return new Conv(weight, shifted);
    }
  }

  /** Folds the weights of a network. */
  public static FoldedNetwork of(Network network, StateDict state, Normalization normalization) {
    FusedNetwork graph = FusedNetwork.of(network);
    Map<String, Conv> convolutions = new LinkedHashMap<>();
    network.convolutions().forEach(c -> convolutions.put(c.name(), fold(c, state, normalization)));
    return new FoldedNetwork(graph, convolutions, Dense.of(network, state), normalization);
  }

  /** The classifier's numbers. */
  public Dense classifier() {
    return dense.get(network().classifier().name());
  }

  /** The architecture before fusion. */
  public Network network() {
    return graph.network();
  }

  private static Conv fold(Node.Conv c, StateDict state, Normalization normalization) {
    String norm = c.norm().name();
    float[] weight = state.tensor(c.name() + ".weight").toFloats();
    float[] gamma = state.tensor(norm + ".weight").toFloats();
    float[] beta = state.tensor(norm + ".bias").toFloats();
    float[] mean = state.tensor(norm + ".running_mean").toFloats();
    float[] var = state.tensor(norm + ".running_var").toFloats();
    float[] bias = new float[c.outChannels()];
    int perInput = c.geometry().taps();
    int perOutput = c.weightsPerOutput();
    for (int o = 0; o < c.outChannels(); o++) {
      double s = gamma[o] / Math.sqrt(var[o] + c.norm().epsilon());
      bias[o] = (float) (beta[o] - mean[o] * s);
      for (int k = 0; k < perOutput; k++) {
        double scale = s;
        if (c.input() == Node.PIXELS) {
          scale /= 255.0 * normalization.std(c.firstInput(o) + k / perInput);
        }
        weight[o * perOutput + k] = (float) (weight[o * perOutput + k] * scale);
      }
    }
    return new Conv(weight, bias);
  }
}
