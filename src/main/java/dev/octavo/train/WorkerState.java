package dev.octavo.train;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * The state of one worker alone, as references to its live memory: saving copies it out, restoring
 * overwrites it in place.
 *
 * <p>The file: for each vector its length (int32) and its floats, then the length of the counters
 * (int32) and the counters (float64), then the CRC-32C of all of that (int64); big-endian.
 *
 * @param floats the worker's slices of the weights, of what the optimizer remembers and of the
 *     moving average
 * @param buffers the running statistics, float32 in native order
 * @param counters of the current epoch
 */
record WorkerState(List<float[]> floats, ByteBuffer buffers, List<double[]> counters) {
  private static final int BLOCK = 1 << 16;

  /** Writes the file; doesn't close the stream. */
  void save(OutputStream file) throws IOException {
    CheckedOutputStream checked =
        new CheckedOutputStream(new BufferedOutputStream(file, BLOCK), new CRC32C());
    DataOutputStream out = new DataOutputStream(checked);
    byte[] block = new byte[BLOCK];
    for (float[] vector : floats) {
      out.writeInt(vector.length);
      for (int from = 0; from < vector.length; from += BLOCK / Float.BYTES) {
        int n = Math.min(BLOCK / Float.BYTES, vector.length - from);
        ByteBuffer.wrap(block).asFloatBuffer().put(vector, from, n);
        out.write(block, 0, n * Float.BYTES);
      }
    }
    out.writeInt(buffers.remaining() / Float.BYTES);
    byte[] bytes = new byte[buffers.remaining()];
    buffers.duplicate().get(bytes);
    out.write(bytes);
    for (double[] numbers : counters) {
      out.writeInt(numbers.length);
      for (double number : numbers) {
        out.writeDouble(number);
      }
    }
    out.writeLong(checked.getChecksum().getValue());
    out.flush();
  }

  /**
   * Reads the content of the file, up to its checksum, back into this worker's memory.
   *
   * @throws EOFException if it was written by a worker with another share, or is too short
   */
  void restore(InputStream content) throws IOException {
    DataInputStream in = new DataInputStream(content);
    byte[] block = new byte[BLOCK];
    for (float[] vector : floats) {
      expect(in.readInt(), vector.length);
      for (int from = 0; from < vector.length; from += BLOCK / Float.BYTES) {
        int n = Math.min(BLOCK / Float.BYTES, vector.length - from);
        in.readFully(block, 0, n * Float.BYTES);
        ByteBuffer.wrap(block).asFloatBuffer().get(vector, from, n);
      }
    }
    expect(in.readInt(), buffers.remaining() / Float.BYTES);
    byte[] bytes = new byte[buffers.remaining()];
    in.readFully(bytes);
    buffers.duplicate().put(bytes);
    for (double[] numbers : counters) {
      expect(in.readInt(), numbers.length);
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = in.readDouble();
      }
    }
  }

  private static void expect(int actual, int length) throws EOFException {
    if (actual != length) {
      throw new EOFException("%d numbers where %d were expected".formatted(actual, length));
    }
  }
}
