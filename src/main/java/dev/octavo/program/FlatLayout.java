package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.weights.StateDict;
import dev.octavo.weights.Tensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each tensor of a network lies in two flat float32 vectors: one of all parameters, one of
 * batch norm's running means and variances. Workers exchange and update these vectors; the train
 * program reads and writes them.
 *
 * @param parameters in the order of {@link Network#parameterShapes()}
 * @param buffers running means and variances, in the order of {@link Network#bufferShapes()}
 */
public record FlatLayout(List<Entry> parameters, List<Entry> buffers) implements Serializable {
  /** Copies the lists. */
  public FlatLayout {
    parameters = List.copyOf(parameters);
    buffers = List.copyOf(buffers);
  }

  /**
   * One tensor's place.
   *
   * @param name torchvision's name
   * @param shape dimensions
   * @param offset index of its first element in the flat vector
   * @param length number of elements
   */
  public record Entry(String name, List<Long> shape, int offset, int length)
      implements Serializable {
    /** Index after its last element in the flat vector. */
    public int end() {
      return offset + length;
    }

    /**
     * Whether it is a weight of a convolution or linear layer, rather than a bias or a parameter of
     * batch norm.
     */
    public boolean isWeightMatrix() {
      return shape.size() > 1;
    }

    long[] dimensions() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /** The layout of a network. */
  public static FlatLayout of(Network network) {
    Map<String, long[]> buffers = network.bufferShapes();
    buffers.keySet().removeIf(name -> name.endsWith(".num_batches_tracked"));
    return new FlatLayout(entries(network.parameterShapes()), entries(buffers));
  }

  /** Length of the flat vector of parameters. */
  public int parameterCount() {
    return parameters.get(parameters.size() - 1).end();
  }

  /** Length of the flat vector of buffers. */
  public int bufferCount() {
    return buffers.get(buffers.size() - 1).end();
  }

  /** Copies the parameters of a state dict into a flat vector. */
  public float[] flattenParameters(StateDict state) {
    return flatten(parameters, parameterCount(), state);
  }

  /** Copies the running statistics of a state dict into a flat vector. */
  public float[] flattenBuffers(StateDict state) {
    return flatten(buffers, bufferCount(), state);
  }

  /**
   * The state dict that two flat vectors stand for, in torchvision's order.
   *
   * @param batchesTracked value of every {@code num_batches_tracked}
   */
  public StateDict toStateDict(
      Network network, float[] parameterValues, float[] bufferValues, long batchesTracked) {
    Map<String, Tensor> byName = new HashMap<>();
    collect(parameters, parameterValues, byName);
    collect(buffers, bufferValues, byName);
    Map<String, Tensor> ordered = new LinkedHashMap<>();
    network
        .stateShapes()
        .keySet()
        .forEach(
            name -> {
              Tensor tensor = byName.get(name);
              ordered.put(name, tensor == null ? Tensor.scalar(batchesTracked) : tensor);
            });
    return new StateDict(ordered);
  }

  private static List<Entry> entries(Map<String, long[]> shapes) {
    List<Entry> entries = new ArrayList<>();
    int offset = 0;
    for (Map.Entry<String, long[]> e : shapes.entrySet()) {
      int length = Math.toIntExact(Tensor.elements(e.getValue()));
      entries.add(
          new Entry(e.getKey(), Arrays.stream(e.getValue()).boxed().toList(), offset, length));
      offset = Math.addExact(offset, length);
    }
    return entries;
  }

  private static float[] flatten(List<Entry> entries, int length, StateDict state) {
    float[] flat = new float[length];
    for (Entry e : entries) {
      System.arraycopy(state.tensor(e.name()).toFloats(), 0, flat, e.offset(), e.length());
    }
    return flat;
  }

  private static void collect(List<Entry> entries, float[] flat, Map<String, Tensor> into) {
    for (Entry e : entries) {
      into.put(e.name(), Tensor.of(Arrays.copyOfRange(flat, e.offset(), e.end()), e.dimensions()));
    }
  }
}
