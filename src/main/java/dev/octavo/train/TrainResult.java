package dev.octavo.train;

import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * The result of training.
 *
 * @param model the bundle of the epoch that did best on val; if that was not the last, it has a
 *     bundle of the last epoch in {@code last/}
 * @param best the epoch that did best
 * @param history one entry per epoch
 * @param workers that trained
 */
public record TrainResult(Path model, Epoch best, List<Epoch> history, int workers) {
  /** Copies the list. */
  public TrainResult {
    history = List.copyOf(history);
  }

  /** The last epoch. */
  public Epoch last() {
    return history.get(history.size() - 1);
  }
}
