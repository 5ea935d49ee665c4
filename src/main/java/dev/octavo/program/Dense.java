package dev.octavo.program;

import dev.octavo.network.Affine;
import dev.octavo.network.Network;
import dev.octavo.tensor.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of an affine map, float32 in every program for inference.
 *
 * @param weight {@code [out, in]} row-major
 * @param bias {@code [out]}
 */
public record Dense(float[] weight, float[] bias) {
  /** Those of all affine maps of a network, by name. */
  static Map<String, Dense> of(Network network, StateDict state) {
    Map<String, Dense> dense = new LinkedHashMap<>();
    for (Affine a : network.affines()) {
      dense.put(
          a.name(),
          new Dense(
              state.tensor(a.name() + ".weight").toFloats(),
              state.tensor(a.name() + ".bias").toFloats()));
    }
    return dense;
  }
}
