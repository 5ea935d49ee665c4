package dev.octavo.program;

import dev.octavo.image.Normalization;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.Tensor;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A network in integers: what {@link Int8Program} is written from.
 *
 * <p>Activations are unsigned 8-bit per tensor, {@code real = scale * (code - zeroPoint)}; weights
 * are signed 8-bit per output channel, symmetric, {@code real = scale[o] * code}. The pixels are
 * codes already, with scale 1 and zero point 0. A convolution gives {@code code =
 * clamp(round(f(sum(x_code - x_zero) * w_code * x_scale * w_scale[o] + bias[o] + shortcut) / scale)
 * + zeroPoint, 0, 255)} with {@code f} its activation, rounding half to even.
 *
 * <p>A tensor without a mapping is kept in float32, and each convolution that reads or writes one
 * computes in float32.
 *
 * @param graph the architecture
 * @param convolutions those in integers, by name
 * @param activations the mapping of the output in codes of each layer that has a range of its own,
 *     by the index of the node that it is the output of; for {@link Int8Operators#PORTABLE} also
 *     those of the convolutions that end branches
 * @param floatConvolutions those in float32, by name
 * @param dense the affine maps, by name
 * @param normalization of the pixels
 */
public record QuantizedNetwork(
    FusedNetwork graph,
    Map<String, Conv> convolutions,
    Map<Integer, QuantParams> activations,
    Map<String, FoldedNetwork.Conv> floatConvolutions,
    Map<String, Dense> dense,
    Normalization normalization) {

  private static final QuantParams PIXELS = new QuantParams(1, 0);

  /** Copies the maps. */
  public QuantizedNetwork {
    convolutions = Map.copyOf(convolutions);
    activations = Map.copyOf(activations);
    floatConvolutions = Map.copyOf(floatConvolutions);
    dense = Map.copyOf(dense);
  }

  /**
   * This network with some tensors kept in float32, and with them those that share their range, and
   * the convolutions that read or write them.
   *
   * @param folded the float network
   * @param outputs of layers with a range of their own
   */
  public QuantizedNetwork withFloat(FoldedNetwork folded, Set<Integer> outputs) {
    Set<Integer> nodes = outputs.stream().map(graph::source).collect(Collectors.toSet());
    Map<Integer, QuantParams> mappings = new HashMap<>(activations);
    mappings.keySet().removeAll(nodes);
    Map<String, Conv> integers = new HashMap<>(convolutions);
    Map<String, FoldedNetwork.Conv> floats = new HashMap<>(floatConvolutions);
    for (Layer.Convolution c : graph.convolutions()) {
      if (nodes.contains(graph.source(c.output()))
          || c.inputs().stream().anyMatch(input -> nodes.contains(graph.source(input)))) {
        Node.Conv conv = c.conv();
        FoldedNetwork.Conv weights = folded.convolutions().get(conv.name());
        integers.remove(conv.name());
        floats.put(
            conv.name(),
            conv.input() == Node.PIXELS ? weights.withMeanInBias(conv, normalization) : weights);
      }
    }
    return new QuantizedNetwork(graph, integers, mappings, floats, dense, normalization);
  }

  /**
   * The float network with a single layer quantized: its weights rounded as they are here, its
   * output passed through codes. What its error does to the logits is then this layer's doing
   * alone.
   *
   * @param folded the float network
   * @param node the layer's output, one that has a mapping here
   */
  public QuantizedNetwork quantizedOnlyAt(FoldedNetwork folded, int node) {
    Set<Integer> others = new HashSet<>(activations.keySet());
    others.remove(graph.source(node));
    QuantizedNetwork single = withFloat(folded, others);
    Map<String, FoldedNetwork.Conv> floats = new HashMap<>(single.floatConvolutions);
    for (Layer.Convolution c : graph.convolutions()) {
      if (c.output() == node) {
        floats.computeIfPresent(
            c.conv().name(),
            (name, conv) ->
                convolutions.containsKey(name) ? convolutions.get(name).dequantized() : conv);
      }
    }
    return new QuantizedNetwork(
        graph, single.convolutions, single.activations, floats, dense, normalization);
  }

  /** This network with other affine maps. */
  QuantizedNetwork withDense(Map<String, Dense> other) {
    return new QuantizedNetwork(
        graph, convolutions, activations, floatConvolutions, other, normalization);
  }

  /** Returns whether a convolution computes in float32. */
  public boolean isFloat(Node.Conv conv) {
    return floatConvolutions.containsKey(conv.name());
  }

  /** Returns whether a node's output is kept in float32. */
  public boolean isFloat(int node) {
    return node != Node.PIXELS && !activations.containsKey(graph.source(node));
  }

  /** The mapping of a node's output in codes: a pooled tensor has that of its source. */
  public QuantParams mapping(int node) {
    return node == Node.PIXELS ? PIXELS : activations.get(graph.source(node));
  }

  /** The mapping of a branch's end, before it is added to its shortcut. */
  public QuantParams branch(Layer.Convolution layer) {
    return activations.get(layer.branch());
  }

  /** The architecture before fusion. */
  public Network network() {
    return graph.network();
  }

  /**
   * A convolution's integers.
   *
   * @param weight codes {@code [out, in / groups, kernel, kernel]} row-major
   * @param scale per output channel
   * @param bias float32 per output channel, added after scaling
   */
  public record Conv(byte[] weight, float[] scale, float[] bias) {
    /** Codes, scales and bias as tensors. */
    List<Tensor> tensors(Node.Conv c) {
      return List.of(
          Tensor.of(weight, c.weightShape()),
          Tensor.of(scale, c.outChannels()),
          Tensor.of(bias, c.outChannels()));
    }

    /** The weights that the codes stand for, in float32. */
    FoldedNetwork.Conv dequantized() {
      float[] real = new float[weight.length];
      for (int i = 0; i < real.length; i++) {
        real[i] = weight[i] * scale[i / (real.length / scale.length)];
      }
      return new FoldedNetwork.Conv(real, bias);
    }

    /**
     * The first convolution for raw pixels: {@code w * (pixel - mean) + bias = w * pixel + (bias -
     * sum of w * mean)}. The sum takes the weights as they were rounded, so that an image of the
     * mean colour suffers no error at all.
     */
    public Conv withMeanInBias(Node.Conv geometry, Normalization normalization) {
      return new Conv(weight, scale, dequantized().withMeanInBias(geometry, normalization).bias());
    }
  }
}
