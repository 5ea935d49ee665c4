package dev.octavo.score;

import dev.octavo.inference.Example;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a list of files into partitions of about equal work, in order. Work is counted in bytes,
 * plus a constant per file for the inference that a small file needs as well as a large one.
 */
final class FilePacker {
  /** About the size of a photo that takes as long to decode as a fast model takes to look at it. */
  static final long BYTES_PER_FILE = 64 << 10;

  /** Partitions of more take long to repeat when an executor is lost. */
  static final long MAX_BYTES = 64 << 20;

  /** Partitions of less are mostly start-up and half-filled batches. */
  static final long MIN_BYTES = 4 << 20;

  /** So that a slow executor or a slow partition doesn't keep the others waiting for long. */
  static final int PARTITIONS_PER_SLOT = 4;

  private FilePacker() {}

  /** The work that one file stands for. */
  static long weight(long length) {
    return length + BYTES_PER_FILE;
  }

  /**
   * The work that the first partition should stand for.
   *
   * @param slots tasks that run at the same time
   */
  static long target(long totalWeight, int slots) {
    long even = totalWeight / ((long) slots * PARTITIONS_PER_SLOT);
    long bounded = Math.min(MAX_BYTES, Math.max(MIN_BYTES, even));
    // A small folder is still spread over all slots.
    return Math.max(1, Math.min(bounded, -Math.floorDiv(-totalWeight, slots)));
  }

  /**
   * The files in packs of at most the target's weight, or of one file.
   *
   * <p>Packs get smaller towards the end, so that all slots finish at about the same time: each is
   * an even share of what is left for four rounds of tasks (guided self-scheduling,
   * Polychronopoulos and Kuck, 1987). Spark starts tasks in the order of their partitions.
   */
  static List<List<Example<String>>> pack(List<Example<String>> files, int slots) {
    long left = files.stream().mapToLong(f -> weight(f.image().length())).sum();
    long target = target(left, slots);
    long least = Math.min(target, MIN_BYTES);
    List<List<Example<String>>> packs = new ArrayList<>();
    List<Example<String>> pack = new ArrayList<>();
    long weight = 0;
    for (Example<String> file : files) {
      if (!pack.isEmpty() && weight + weight(file.image().length()) > target) {
        packs.add(pack);
        pack = new ArrayList<>();
        left -= weight;
        target = Math.max(least, Math.min(target, left / ((long) slots * PARTITIONS_PER_SLOT)));
        weight = 0;
      }
      pack.add(file);
      weight += weight(file.image().length());
    }
    if (!pack.isEmpty()) {
      packs.add(pack);
    }
    return packs;
  }
}
