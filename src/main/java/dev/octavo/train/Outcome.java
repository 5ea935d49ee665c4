package dev.octavo.train;

import java.io.Serializable;
import java.util.List;

/** How a worker ended, when nothing is wrong with the cluster: Spark must not try again. */
sealed interface Outcome extends Serializable {
  /**
   * All epochs are done.
   *
   * @param history one entry per epoch; the same on all workers
   */
  record Finished(List<Epoch> history) implements Outcome {}

  /**
   * Training can't go on.
   *
   * @param reason for the user
   */
  record Stopped(String reason) implements Outcome {}
}
