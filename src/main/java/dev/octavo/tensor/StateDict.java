package dev.octavo.tensor;

import dev.octavo.OctavoException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Tensors by name, in file order, with PyTorch's dotted names ({@code layer1.0.conv1.weight}).
 * Immutable.
 *
 * @param tensors the tensors by name
 */
public record StateDict(Map<String, Tensor> tensors) {
  /** Keeps the order of {@code tensors}. */
  public StateDict {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** The names, in order. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /**
   * The tensor of that name.
   *
   * @throws OctavoException if there is none
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new OctavoException("the weights have no tensor named '%s'".formatted(name));
    }
    return tensor;
  }

  /** Bytes of all tensors together. */
  public long bytes() {
    return tensors.values().stream().mapToLong(t -> t.elements() * t.dtype().bytes()).sum();
  }
}
