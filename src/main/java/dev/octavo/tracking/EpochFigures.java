package dev.octavo.tracking;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The figures of one epoch.
 *
 * @param epoch from 1
 * @param step optimizer steps done since the first epoch began
 * @param values by name, such as {@code train/loss}; what there is no figure for (validation
 *     without a val split) may be NaN
 */
public record EpochFigures(int epoch, long step, Map<String, Double> values) {
  /** The figure that is added to the others: the epoch's number. */
  public static final String EPOCH = "epoch";

  /** Copies the map. */
  public EpochFigures {
    if (epoch < 1 || step < 0) {
      throw new IllegalArgumentException("epoch %d, step %d".formatted(epoch, step));
    }
    values = Map.copyOf(values);
  }

  /** The figures that are numbers, by name, with {@value #EPOCH} among them. */
  SortedMap<String, Double> finite() {
    SortedMap<String, Double> finite = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          if (Double.isFinite(value)) {
            finite.put(name, value);
          }
        });
    finite.put(EPOCH, (double) epoch);
    return Collections.unmodifiableSortedMap(finite);
  }
}
