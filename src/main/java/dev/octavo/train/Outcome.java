package dev.octavo.train;

import java.io.Serializable;

/** The end of a worker when nothing is wrong with the cluster: Spark must not try again. */
sealed interface Outcome extends Serializable {
  /**
   * All epochs are done, or there is no more progress.
   *
   * @param trainState with the history; the same on all workers
   */
  record Finished(TrainState trainState) implements Outcome {}

  /**
   * Training can't go on.
   *
   * @param reason for the user
   */
  record Stopped(String reason) implements Outcome {}

  /**
   * A value stopped being finite, as it would again from the same checkpoint.
   *
   * @param reason for the user
   */
  record Diverged(String reason) implements Outcome {}
}
