package dev.octavo.quantize;

import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * One way of quantizing a network.
 *
 * @param method how ranges are chosen
 * @param refinements what else is done
 * @param floatLayers convolutions whose output stays in float32, by name
 */
public record QuantizationConfig(
    RangeMethod method, Set<Refinement> refinements, Set<String> floatLayers) {
  /** Copies the sets. */
  public QuantizationConfig {
    refinements = Set.copyOf(refinements);
    floatLayers = Set.copyOf(floatLayers);
  }

  boolean has(Refinement refinement) {
    return refinements.contains(refinement);
  }

  QuantizationConfig with(RangeMethod other) {
    return new QuantizationConfig(other, refinements, floatLayers);
  }

  QuantizationConfig with(Refinement refinement) {
    Set<Refinement> more = EnumSet.of(refinement);
    more.addAll(refinements);
    return new QuantizationConfig(method, more, floatLayers);
  }

  QuantizationConfig withFloatLayers(Set<String> layers) {
    return new QuantizationConfig(method, refinements, layers);
  }

  /** As in {@code mse, equalization, float32: layer1.0.conv1 layer1.0.conv2}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(method.id());
    for (Refinement refinement : Refinement.values()) {
      text.append(has(refinement) ? ", " + refinement.title() : "");
    }
    if (!floatLayers.isEmpty()) {
      text.append(", float32: ").append(String.join(" ", new TreeSet<>(floatLayers)));
    }
    return text.toString();
  }
}
