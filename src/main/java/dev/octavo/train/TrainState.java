package dev.octavo.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The progress of training, the same on all workers.
 *
 * @param epoch the current one, from 1
 * @param step updates done in it
 * @param updates done since the start
 * @param history the epochs before
 */
record TrainState(int epoch, int step, long updates, List<Epoch> history) implements Serializable {
  /** Before the first step. */
  static final TrainState START = new TrainState(1, 0, 0, List.of());

  TrainState {
    history = List.copyOf(history);
  }

  /** One update further. */
  TrainState stepped() {
    return new TrainState(epoch, step + 1, updates + 1, history);
  }

  /** At the start of the next epoch. */
  TrainState ended(Epoch result) {
    List<Epoch> longer = new ArrayList<>(history);
    longer.add(result);
    return new TrainState(epoch + 1, 0, updates, longer);
  }

  /**
   * The epoch that did best on val: highest top-1, then lowest loss, then the earlier one. Without
   * a val split, the last.
   */
  Epoch best() {
    Epoch best = history.get(0);
    for (Epoch e : history) {
      boolean better =
          Double.isNaN(e.val().top1())
              || e.val().top1() > best.val().top1()
              || (e.val().top1() == best.val().top1() && e.val().loss() < best.val().loss());
      best = better ? e : best;
    }
    return best;
  }

  /**
   * Returns whether all epochs are done, or val has not improved for as long as the recipe waits.
   */
  boolean ends(Recipe recipe) {
    boolean exhausted =
        recipe.patience() > 0
            && !history.isEmpty()
            && history.size() - best().epoch() >= recipe.patience();
    return epoch > recipe.epochs() || exhausted;
  }

  /** For people. */
  String words() {
    return updates == 0 ? "the start" : "epoch %d, step %d".formatted(epoch, step);
  }
}
