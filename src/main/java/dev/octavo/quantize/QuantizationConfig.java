package dev.octavo.quantize;

import dev.octavo.OctavoException.InvalidSetting;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.GlobPattern;

/**
 * One way of quantizing a network.
 *
 * @param method how ranges are chosen
 * @param refinements what else is done
 * @param floatLayers layers whose output stays in float32: names, or patterns as in {@code
 *     layer4.*} until {@link #resolve} has named them
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

  /**
   * The same with the names of the layers that the patterns match.
   *
   * @throws InvalidSetting if a pattern matches none
   */
  QuantizationConfig resolve(List<String> layers) {
    Set<String> named = new TreeSet<>();
    for (String pattern : floatLayers) {
      GlobPattern glob = new GlobPattern(pattern);
      List<String> matching = layers.stream().filter(glob::matches).toList();
      InvalidSetting.require(
          !matching.isEmpty(),
          "floatLayers",
          pattern,
          "names of layers, or patterns as in layer4.*; the network's are "
              + String.join(", ", layers));
      named.addAll(matching);
    }
    return withFloatLayers(named);
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
