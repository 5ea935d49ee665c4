package dev.octavo.score;

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
  static final long MIN_BYTES = 8 << 20;

  /** So that a slow executor or a slow partition doesn't keep the others waiting for long. */
  static final int PARTITIONS_PER_SLOT = 4;

  private FilePacker() {}

  /** The work that one file stands for. */
  static long weight(long length) {
    return length + BYTES_PER_FILE;
  }

  /**
   * The work that a partition should stand for.
   *
   * @param slots tasks that run at the same time
   */
  static long target(long totalWeight, int slots) {
    long even = totalWeight / ((long) slots * PARTITIONS_PER_SLOT);
    long bounded = Math.min(MAX_BYTES, Math.max(MIN_BYTES, even));
    // A small folder is still spread over all slots.
    return Math.max(1, Math.min(bounded, -Math.floorDiv(-totalWeight, slots)));
  }

  /** The files in packs of at most the target's weight, or of one file. */
  static List<List<Input>> pack(List<Input> files, int slots) {
    long total = files.stream().mapToLong(f -> weight(f.length())).sum();
    long target = target(total, slots);
    List<List<Input>> packs = new ArrayList<>();
    List<Input> pack = new ArrayList<>();
    long weight = 0;
    for (Input file : files) {
      if (!pack.isEmpty() && weight + weight(file.length()) > target) {
        packs.add(pack);
        pack = new ArrayList<>();
        weight = 0;
      }
      pack.add(file);
      weight += weight(file.length());
    }
    if (!pack.isEmpty()) {
      packs.add(pack);
    }
    return packs;
  }
}
