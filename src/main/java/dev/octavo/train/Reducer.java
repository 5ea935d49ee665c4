package dev.octavo.train;

/** Adds up what the workers have; all of them call it in the same order. */
@FunctionalInterface
interface Reducer {
  /**
   * Sums over the workers.
   *
   * @return the sums, the same on every worker
   */
  double[] sum(double... terms);
}
