package dev.octavo.spark.collective;

/**
 * A contiguous part of a vector.
 *
 * @param from index of its first element
 * @param to index after its last element
 */
public record Slice(int from, int to) {
  /** Checks the order. */
  public Slice {
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("no slice runs from %d to %d".formatted(from, to));
    }
  }

  /**
   * The slice that a worker owns when a vector is shared out evenly (lengths differ by one at
   * most).
   *
   * @param length elements of the whole vector
   * @param size number of workers
   * @param rank the worker, from 0
   */
  public static Slice of(int length, int size, int rank) {
    return new Slice(
        (int) ((long) length * rank / size), (int) ((long) length * (rank + 1) / size));
  }

  /** Number of elements. */
  public int length() {
    return to - from;
  }
}
