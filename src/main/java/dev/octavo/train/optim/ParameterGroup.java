package dev.octavo.train.optim;

import dev.octavo.program.FlatLayout;
import dev.octavo.spark.collective.Slice;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A run of parameters that are updated alike.
 *
 * @param from index of the first
 * @param to index after the last
 * @param weightDecay of each weight: added to its gradient by SGD, taken off the weight itself by
 *     AdamW
 * @param rateFactor on the learning rate
 */
public record ParameterGroup(int from, int to, double weightDecay, double rateFactor)
    implements Serializable {

  /**
   * The groups of a network, neighbours that are alike joined.
   *
   * @param rateFactor by name of a parameter
   * @param weightDecay of weight matrices
   */
  public static List<ParameterGroup> of(
      FlatLayout layout, ToDoubleFunction<String> rateFactor, double weightDecay) {
    List<ParameterGroup> groups = new ArrayList<>();
    for (FlatLayout.Entry entry : layout.parameters()) {
      double decay = entry.isWeightMatrix() ? weightDecay : 0;
      double factor = rateFactor.applyAsDouble(entry.name());
      ParameterGroup last = groups.isEmpty() ? null : groups.get(groups.size() - 1);
      if (last != null && last.weightDecay == decay && last.rateFactor == factor) {
        groups.set(groups.size() - 1, new ParameterGroup(last.from, entry.end(), decay, factor));
      } else {
        groups.add(new ParameterGroup(entry.offset(), entry.end(), decay, factor));
      }
    }
    return groups;
  }

  /** The groups' parts within a slice, with indices relative to its start. */
  static List<ParameterGroup> within(List<ParameterGroup> groups, Slice slice) {
    List<ParameterGroup> parts = new ArrayList<>();
    for (ParameterGroup g : groups) {
      int from = Math.max(g.from, slice.from());
      int to = Math.min(g.to, slice.to());
      if (from < to) {
        parts.add(
            new ParameterGroup(
                from - slice.from(), to - slice.from(), g.weightDecay, g.rateFactor));
      }
    }
    return parts;
  }
}
