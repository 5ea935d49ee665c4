package dev.octavo.program;

import java.util.Map;

/**
 * The parts of an int8 program that don't follow from the weights, so that training can simulate
 * it.
 *
 * @param operators of the program
 * @param weightBits width of the weights' codes
 * @param activations as in {@link QuantizedNetwork#activations()}; what has no mapping stays in
 *     float32
 */
public record SimulatedInt8(
    Int8Operators operators, int weightBits, Map<Integer, QuantParams> activations) {
  /** Copies the map. */
  public SimulatedInt8 {
    activations = Map.copyOf(activations);
  }

  /** The greatest code of a weight. */
  int levels() {
    return (1 << (weightBits - 1)) - 1;
  }
}
