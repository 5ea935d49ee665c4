package dev.octavo.train;

import dev.octavo.OctavoException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * What one worker alone knows, as references to its live memory: saving copies it out, restoring
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
   * Reads the file back into this worker's memory.
   *
   * @param source names the file in errors
   * @throws OctavoException if it is damaged or was written by a worker with another share
   */
  void restore(InputStream file, String source) throws IOException {
    CheckedInputStream checked =
        new CheckedInputStream(new BufferedInputStream(file, BLOCK), new CRC32C());
    DataInputStream in = new DataInputStream(checked);
    byte[] block = new byte[BLOCK];
    for (float[] vector : floats) {
      expect(in.readInt(), vector.length, source);
      for (int from = 0; from < vector.length; from += BLOCK / Float.BYTES) {
        int n = Math.min(BLOCK / Float.BYTES, vector.length - from);
        in.readFully(block, 0, n * Float.BYTES);
        ByteBuffer.wrap(block).asFloatBuffer().get(vector, from, n);
      }
    }
    expect(in.readInt(), buffers.remaining() / Float.BYTES, source);
    byte[] bytes = new byte[buffers.remaining()];
    in.readFully(bytes);
    buffers.duplicate().put(bytes);
    for (double[] numbers : counters) {
      expect(in.readInt(), numbers.length, source);
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = in.readDouble();
      }
    }
    long sum = checked.getChecksum().getValue();
    if (in.readLong() != sum) {
      throw damaged(source);
    }
  }

  private static void expect(int actual, int length, String source) {
    if (actual != length) {
      throw damaged(source);
    }
  }

  private static OctavoException damaged(String source) {
    return new OctavoException(
        "%s is damaged: delete its checkpoint to continue from the one before".formatted(source));
  }
}
