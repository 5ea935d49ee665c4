package dev.octavo.train;

import dev.octavo.spark.collective.Slice;

/**
 * The share of the state that a worker has.
 *
 * @param rank of the worker
 * @param workers number of workers
 * @param parameters length of the whole vectors
 */
record Share(int rank, int workers, int parameters) {
  Slice slice() {
    return Slice.of(parameters, workers, rank);
  }
}
