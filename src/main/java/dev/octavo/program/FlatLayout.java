package dev.octavo.program;

import dev.octavo.OctavoException;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The offset of each tensor that training changes in two flat float32 vectors: one of parameters,
 * one of batch norm's running means and variances. Workers exchange and update these vectors; the
 * train program reads and writes them. What is frozen is in neither.
 *
 * @param parameters the trainable ones, in the order of {@link Network#parameterShapes()}
 * @param buffers running means and variances of the convolutions that are not frozen, in the order
 *     of {@link Network#bufferShapes()}
 */
public record FlatLayout(List<Entry> parameters, List<Entry> buffers) implements Serializable {
  private static final String TRACKED = ".num_batches_tracked";

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
     * Returns whether it is a weight of a convolution or linear layer, rather than a bias or a
     * parameter of batch norm.
     */
    public boolean isWeightMatrix() {
      return shape.size() > 1;
    }

    long[] dimensions() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }
  }

  /** The layout of a network of which everything is trained. */
  public static FlatLayout of(Network network) {
    return of(network, name -> true);
  }

  /**
   * The layout of a network of which a part is trained.
   *
   * @param trainable by name of the parameter. A convolution whose weight is not trainable is
   *     frozen wholly: with the parameters and the running statistics of its batch norm.
   * @throws OctavoException.Usage if nothing is left to train
   */
  public static FlatLayout of(Network network, Predicate<String> trainable) {
    Map<String, long[]> parameters = network.parameterShapes();
    Map<String, long[]> buffers = network.bufferShapes();
    parameters.keySet().removeIf(trainable.negate());
    for (Node.Conv c : network.convolutions()) {
      if (!parameters.containsKey(c.name() + ".weight")) {
        String norm = c.norm().name() + ".";
        parameters.keySet().removeIf(name -> name.startsWith(norm));
        buffers.keySet().removeIf(name -> name.startsWith(norm));
      }
    }
    if (parameters.isEmpty()) {
      throw new OctavoException.Usage(
          "every layer of %s is frozen: leave one to train".formatted(network.name()));
    }
    buffers.keySet().removeIf(name -> name.endsWith(TRACKED));
    return new FlatLayout(entries(parameters), entries(buffers));
  }

  /** Returns whether a convolution is trained, and with it its batch norm. */
  boolean trains(Node.Conv conv) {
    return parameters.stream().anyMatch(e -> e.name().equals(conv.name() + ".weight"));
  }

  /** Returns whether an affine map of a node is trained, or a part of one. */
  boolean trainsAffine(Node node) {
    return node.affines().stream()
        .anyMatch(a -> parameters.stream().anyMatch(e -> e.name().startsWith(a.name() + ".")));
  }

  /** Length of the flat vector of parameters. */
  public int parameterCount() {
    return end(parameters);
  }

  /** Length of the flat vector of buffers. */
  public int bufferCount() {
    return end(buffers);
  }

  private static int end(List<Entry> entries) {
    return entries.isEmpty() ? 0 : entries.get(entries.size() - 1).end();
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
   * The state dict that two flat vectors stand for, in the order of {@code base}.
   *
   * @param base where tensors that are in neither vector come from
   * @param batchesTracked value of {@code num_batches_tracked} of every batch norm that is not
   *     frozen
   */
  public StateDict toStateDict(
      StateDict base, float[] parameterValues, float[] bufferValues, long batchesTracked) {
    Map<String, Tensor> tensors = new LinkedHashMap<>(base.tensors());
    collect(parameters, parameterValues, tensors);
    collect(buffers, bufferValues, tensors);
    Set<String> norms = new HashSet<>();
    buffers.forEach(e -> norms.add(e.name().substring(0, e.name().lastIndexOf('.'))));
    norms.forEach(norm -> tensors.replace(norm + TRACKED, Tensor.scalar(batchesTracked)));
    return new StateDict(tensors);
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
