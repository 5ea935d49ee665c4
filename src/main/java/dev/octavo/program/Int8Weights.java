package dev.octavo.program;

import dev.octavo.image.Normalization;
import dev.octavo.network.Affine;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.ScriptModule;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * The network that an {@linkplain Int8Program int8 program} was written from, out of the tensors
 * that its file holds. The file's code is not looked at: the program is generated again, and is
 * then equal to the one that was filed.
 *
 * <p>Each convolution keeps its tensors, and {@code activations} keeps the mappings, which are part
 * of the code otherwise.
 */
public final class Int8Weights {
  private static final String ACTIVATIONS = "activations.";
  private static final String NODES = ACTIVATIONS + "nodes";
  private static final String SCALES = ACTIVATIONS + "scales";
  private static final String ZERO_POINTS = ACTIVATIONS + "zero_points";

  private final FusedNetwork graph;
  private final Normalization normalization;
  private final StateDict tensors;

  private Int8Weights(FusedNetwork graph, Normalization normalization, StateDict tensors) {
    this.graph = graph;
    this.normalization = normalization;
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
    for (Map.Entry<Integer, QuantParams> mapping : mappings.entrySet()) {
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
   * @param normalization of the pixels
   * @param tensors of the file, the i-th of a packed module {@code m} as {@code m.i}
   * @throws IllegalArgumentException if they are not those of that network in those operators
   */
  public static QuantizedNetwork read(
      Network network, Int8Operators operators, Normalization normalization, StateDict tensors) {
    QuantizedNetwork quantized =
        new Int8Weights(FusedNetwork.of(network), normalization, tensors).read();
    for (Layer.Convolution c : quantized.graph().convolutions()) {
      if (!quantized.isFloat(c.conv())) {
        requireCodes(quantized, c, c.output());
        c.inputs().forEach(input -> requireCodes(quantized, c, input));
        if (c.accumulates() && operators == Int8Operators.PORTABLE && quantized.branch(c) == null) {
          throw unmapped(c);
        }
      }
    }
    return quantized;
  }

  private static void requireCodes(QuantizedNetwork quantized, Layer layer, int node) {
    if (quantized.isFloat(node)) {
      throw unmapped(layer);
    }
  }

  private static IllegalArgumentException unmapped(Layer layer) {
    return new IllegalArgumentException(
        "%s computes in integers, but what it reads or writes has no scale"
            .formatted(layer.name()));
  }

  private QuantizedNetwork read() {
    Map<String, QuantizedNetwork.Conv> integers = new HashMap<>();
    Map<String, FoldedNetwork.Conv> floats = new HashMap<>();
    for (Node.Conv c : graph.network().convolutions()) {
      String name = Int8Source.floatModule(c);
      if (tensors.names().contains(name + ".0")) {
        floats.put(
            c.name(),
            new FoldedNetwork.Conv(
                floats(name + ".0", c.weightShape()), floats(name + ".1", c.outChannels())));
      } else {
        name = Int8Source.module(c);
        integers.put(
            c.name(),
            new QuantizedNetwork.Conv(
                bytes(name + ".0", c.weightShape()),
                floats(name + ".1", c.outChannels()),
                floats(name + ".2", c.outChannels())));
      }
    }
    QuantizedNetwork scaled =
        new QuantizedNetwork(graph, integers, activations(), floats, Map.of(), normalization);
    return scaled.withDense(dense(new PooledScale(scaled)));
  }

  private Map<String, Dense> dense(PooledScale scale) {
    Map<String, Dense> dense = new HashMap<>();
    for (Affine a : graph.network().affines()) {
      String name = AffineSource.int8Name(a);
      float[] product = floats(name + ".weight", a.out(), a.in());
      dense.put(a.name(), new Dense(scale.without(a, product), floats(name + ".bias", a.out())));
    }
    return dense;
  }

  private Map<Integer, QuantParams> activations() {
    int size = graph.network().nodes().size();
    int n = (int) Math.min(tensor(NODES).elements(), size);
    long[] nodes = longs(NODES, n);
    float[] scales = floats(SCALES, n);
    long[] zeroPoints = longs(ZERO_POINTS, n);
    Map<Integer, QuantParams> activations = new HashMap<>();
    for (int i = 0; i < n; i++) {
      if (nodes[i] < 0 || nodes[i] >= size) {
        throw new IllegalArgumentException("%s names node %d".formatted(NODES, nodes[i]));
      }
      if (zeroPoints[i] < 0 || zeroPoints[i] > 255) {
        throw new IllegalArgumentException("a zero point is a code, not " + zeroPoints[i]);
      }
      activations.put((int) nodes[i], new QuantParams(scales[i], (int) zeroPoints[i]));
    }
    return activations;
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

  private Tensor tensor(String name) {
    if (!tensors.names().contains(name)) {
      throw new IllegalArgumentException("%s is missing".formatted(name));
    }
    return tensors.tensor(name);
  }

  private Tensor tensor(String name, DType type, long... shape) {
    Tensor tensor = tensor(name);
    if (tensor.dtype() != type || !Arrays.equals(tensor.shape(), shape)) {
      throw new IllegalArgumentException(
          "%s is %s, not %s%s".formatted(name, tensor, type, Arrays.toString(shape)));
    }
    return tensor;
  }
}
