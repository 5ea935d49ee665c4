package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.weights.DType;
import dev.octavo.weights.StateDict;
import dev.octavo.weights.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The network that an {@linkplain Int8Program int8 program} was written from, out of the tensors
 * that its file holds. The file's code is not looked at: the program is written anew, and is then
 * equal to the one that was filed.
 *
 * <p>Each convolution keeps its tensors, and {@code activations} keeps the mappings, which are part
 * of the code otherwise.
 */
public final class Int8Weights {
  private static final String ACTIVATIONS = "activations.";
  private static final String NODES = ACTIVATIONS + "nodes";
  private static final String SCALES = ACTIVATIONS + "scales";
  private static final String ZERO_POINTS = ACTIVATIONS + "zero_points";

  private final Network network;
  private final StateDict tensors;

  private Int8Weights(Network network, StateDict tensors) {
    this.network = network;
    this.tensors = tensors;
  }

  /** Adds the mappings as buffers that no code reads. */
  static void addActivations(ScriptModule root, QuantizedNetwork quantized) {
    var mappings = new TreeMap<>(quantized.activations());
    int n = mappings.size();
    long[] nodes = new long[n];
    float[] scales = new float[n];
    long[] zeroPoints = new long[n];
    int i = 0;
    for (Map.Entry<Integer, QuantizedNetwork.Activation> mapping : mappings.entrySet()) {
      nodes[i] = mapping.getKey();
      scales[i] = mapping.getValue().scale();
      zeroPoints[i++] = mapping.getValue().zeroPoint();
    }
    root.buffer(NODES, Tensor.of(nodes, n));
    root.buffer(SCALES, Tensor.of(scales, n));
    root.buffer(ZERO_POINTS, Tensor.of(zeroPoints, n));
  }

  /**
   * The quantized network.
   *
   * @param tensors of the file, the i-th of a packed module {@code m} as {@code m.i}
   * @throws IllegalArgumentException if they are not those of that network in those operators
   * @throws dev.octavo.OctavoException if one is missing
   */
  public static QuantizedNetwork read(Network network, Int8Operators operators, StateDict tensors) {
    QuantizedNetwork quantized = new Int8Weights(network, tensors).read();
    for (FusionPlan.Step step : FusionPlan.of(network).steps()) {
      if (step instanceof FusionPlan.Convolution c && !quantized.isFloat(c.conv())) {
        requireCodes(quantized, c, c.output());
        requireCodes(quantized, c, c.conv().input());
        if (c.accumulates()) {
          requireCodes(quantized, c, c.shortcut());
          if (operators == Int8Operators.PORTABLE && quantized.branch(c.conv()) == null) {
            throw unmapped(c);
          }
        }
      }
    }
    return quantized;
  }

  private static void requireCodes(QuantizedNetwork quantized, FusionPlan.Convolution c, int node) {
    if (quantized.isFloat(node)) {
      throw unmapped(c);
    }
  }

  private static IllegalArgumentException unmapped(FusionPlan.Convolution c) {
    return new IllegalArgumentException(
        "%s computes in integers, but what it reads or writes has no scale"
            .formatted(c.conv().name()));
  }

  private QuantizedNetwork read() {
    Map<String, QuantizedNetwork.Conv> integers = new HashMap<>();
    Map<String, FoldedNetwork.Conv> floats = new HashMap<>();
    for (Node node : network.nodes()) {
      if (node instanceof Node.Conv c) {
        String name = Int8Source.floatModule(c);
        if (tensors.names().contains(name + ".0")) {
          floats.put(
              c.name(),
              new FoldedNetwork.Conv(
                  floats(name + ".0", shape(c)), floats(name + ".1", c.outChannels())));
        } else {
          name = Int8Source.module(c);
          integers.put(
              c.name(),
              new QuantizedNetwork.Conv(
                  bytes(name + ".0", shape(c)),
                  floats(name + ".1", c.outChannels()),
                  floats(name + ".2", c.outChannels())));
        }
      }
    }
    Node.Linear l = network.classifier();
    Map<Integer, QuantizedNetwork.Activation> activations = activations();
    QuantizedNetwork scaled =
        new QuantizedNetwork(
            network,
            integers,
            activations,
            floats,
            floats("int8_" + l.name() + ".weight", l.out(), l.in()),
            floats("int8_" + l.name() + ".bias", l.out()));
    return new QuantizedNetwork(
        network,
        integers,
        activations,
        floats,
        Int8Source.withoutPooledScale(scaled),
        scaled.linearBias());
  }

  private Map<Integer, QuantizedNetwork.Activation> activations() {
    int n = (int) Math.min(tensors.tensor(NODES).elements(), network.nodes().size());
    long[] nodes = longs(NODES, n);
    float[] scales = floats(SCALES, n);
    long[] zeroPoints = longs(ZERO_POINTS, n);
    Map<Integer, QuantizedNetwork.Activation> activations = new HashMap<>();
    for (int i = 0; i < n; i++) {
      if (nodes[i] < 0 || nodes[i] >= network.nodes().size()) {
        throw new IllegalArgumentException("%s names node %d".formatted(NODES, nodes[i]));
      }
      if (zeroPoints[i] < 0 || zeroPoints[i] > 255) {
        throw new IllegalArgumentException("a zero point is a code, not " + zeroPoints[i]);
      }
      activations.put(
          (int) nodes[i], new QuantizedNetwork.Activation(scales[i], (int) zeroPoints[i]));
    }
    return activations;
  }

  private static long[] shape(Node.Conv c) {
    return new long[] {c.outChannels(), c.inChannels(), c.kernel(), c.kernel()};
  }

  private float[] floats(String name, long... shape) {
    float[] values = tensor(name, DType.FLOAT32, shape).toFloats();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("%s holds %s".formatted(name, value));
      }
    }
    return values;
  }

  private byte[] bytes(String name, long... shape) {
    byte[] values = new byte[Math.toIntExact(Tensor.elements(shape))];
    tensor(name, DType.INT8, shape).bytes().get(values);
    return values;
  }

  private long[] longs(String name, long... shape) {
    long[] values = new long[Math.toIntExact(Tensor.elements(shape))];
    tensor(name, DType.INT64, shape).bytes().asLongBuffer().get(values);
    return values;
  }

  private Tensor tensor(String name, DType type, long... shape) {
    Tensor tensor = tensors.tensor(name);
    if (tensor.dtype() != type || !Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException(
          "%s is %s, not %s%s".formatted(name, tensor, type, Arrays.toString(shape)));
    }
    return tensor;
  }
}
