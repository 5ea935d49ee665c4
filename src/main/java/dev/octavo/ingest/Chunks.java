package dev.octavo.ingest;

import java.util.ArrayList;
import java.util.List;

/** Cuts work by bytes, so that tasks take about equally long whatever the sizes of the files. */
final class Chunks {
  /** A task that fails is done again, and its output is one file: neither should be larger. */
  private static final long MAX_BYTES = 128L << 20;

  /** Less makes many small files, which cost every reader more than the parallelism brings here. */
  private static final long MIN_BYTES = 4L << 20;

  /** Tasks per core, so that one slow task doesn't hold up the rest. */
  private static final int TASKS_PER_CORE = 3;

  /** The cost of opening and decoding even the smallest file, in bytes of reading. */
  private static final long FILE_COST = 16L << 10;

  private Chunks() {}

  /** Consecutive files, each chunk of about the same cost; at least one chunk. */
  static List<List<Source>> cut(List<Source> sources, int cores) {
    long total = sources.stream().mapToLong(Chunks::cost).sum();
    long even = total / ((long) TASKS_PER_CORE * cores);
    long target = Math.min(MAX_BYTES, Math.max(MIN_BYTES, even));
    List<List<Source>> chunks = new ArrayList<>();
    List<Source> chunk = new ArrayList<>();
    long cost = 0;
    for (Source source : sources) {
      chunk.add(source);
      cost += cost(source);
      if (cost >= target) {
        chunks.add(chunk);
        chunk = new ArrayList<>();
        cost = 0;
      }
    }
    if (!chunk.isEmpty() || chunks.isEmpty()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  private static long cost(Source source) {
    return source.bytes() + FILE_COST;
  }
}
