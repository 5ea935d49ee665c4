package dev.octavo.spark.collective;

import java.nio.ByteBuffer;

/**
 * The header of a chunk on the wire; both ends count along, so a mismatch is found at once.
 *
 * @param operation counts the collectives of a ring
 * @param step of the ring algorithm, from 0
 * @param index of the chunk within the slice
 * @param bytes of the chunk
 */
record Chunk(int operation, int step, int index, int bytes) {
  /**
   * Bytes of the largest chunk: enough to keep a fast link busy, little enough to stay in cache.
   */
  static final int MAX_BYTES = 1 << 20;

  /** Floats of the largest chunk. */
  static final int MAX_FLOATS = MAX_BYTES / Float.BYTES;

  /** Chunks that may be on their way to a worker or wait there. */
  static final int WINDOW = 8;

  ByteBuffer encode() {
    ByteBuffer header = ByteBuffer.allocate(4 * Integer.BYTES);
    header.putInt(operation).putInt(step).putInt(index).putInt(bytes);
    return header.flip();
  }

  static Chunk decode(ByteBuffer header) {
    return new Chunk(header.getInt(), header.getInt(), header.getInt(), header.getInt());
  }

  /** Number of chunks that a slice of that number of floats takes. */
  static int count(int floats) {
    return (floats + MAX_FLOATS - 1) / MAX_FLOATS;
  }
}
