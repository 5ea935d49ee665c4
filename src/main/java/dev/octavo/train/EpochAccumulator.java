package dev.octavo.train;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.util.AccumulatorV2;

/**
 * Carries epochs from worker 0 to the driver while the task still runs: executors send their
 * accumulators along with each heartbeat, also from a thread of its own, so the list is replaced,
 * never changed.
 */
final class EpochAccumulator extends AccumulatorV2<Epoch, List<Epoch>> {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings("serial") // List.copyOf gives serializable lists
  private volatile List<Epoch> epochs = List.of();

  @Override
  public boolean isZero() {
    return epochs.isEmpty();
  }

  @Override
  public EpochAccumulator copy() {
    EpochAccumulator copy = new EpochAccumulator();
    copy.epochs = epochs;
    return copy;
  }

  @Override
  public void reset() {
    epochs = List.of();
  }

  @Override
  public void add(Epoch epoch) {
    append(List.of(epoch));
  }

  @Override
  public void merge(AccumulatorV2<Epoch, List<Epoch>> other) {
    append(other.value());
  }

  private synchronized void append(List<Epoch> more) {
    List<Epoch> all = new ArrayList<>(epochs);
    all.addAll(more);
    epochs = List.copyOf(all);
  }

  @Override
  public List<Epoch> value() {
    return epochs;
  }
}
