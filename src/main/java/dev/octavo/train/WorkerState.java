package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.spark.collective.Slice;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * The state of one worker alone, as references to its live memory: saving copies it out, restoring
 * overwrites it in place.
 *
 * <p>The file: the names of all vectors, in order, as one string ({@link DataOutputStream#writeUTF
 * UTF}); then each vector's length (int32) and numbers, float32, but float64 for the counters; then
 * the CRC-32C of all of that (int64); big-endian. Vectors of a network are of equal lengths: only
 * the names tell them apart.
 *
 * @param floats the worker's slices of the weights, of what the optimizer remembers and of the
 *     moving average, by name
 * @param buffers the running statistics, float32 in native order
 * @param counters of the current epoch, by name
 */
record WorkerState(
    Map<String, float[]> floats, ByteBuffer buffers, Map<String, double[]> counters) {
  private static final int BLOCK = 1 << 16;

  /** Writes the file; doesn't close the stream. */
  void save(OutputStream file) throws IOException {
    CheckedOutputStream checked =
        new CheckedOutputStream(new BufferedOutputStream(file, BLOCK), new CRC32C());
    DataOutputStream out = new DataOutputStream(checked);
    out.writeUTF(names());
    byte[] block = new byte[BLOCK];
    for (float[] vector : floats.values()) {
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
    for (double[] numbers : counters.values()) {
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
   * @throws OctavoException if its vectors have other names
   * @throws EOFException if it was written by a worker with another share, or is too short
   */
  void restore(InputStream content) throws IOException {
    DataInputStream in = new DataInputStream(content);
    String saved = in.readUTF();
    if (!saved.equals(names())) {
      throw new OctavoException(
          "the checkpoint holds %s, but this training needs %s: --restart discards it"
              .formatted(saved, names()));
    }
    byte[] block = new byte[BLOCK];
    for (float[] vector : floats.values()) {
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
    for (double[] numbers : counters.values()) {
      expect(in.readInt(), numbers.length);
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = in.readDouble();
      }
    }
  }

  /** Room for a state of the same names, with vectors of another length. */
  WorkerState ofLength(int length) {
    Map<String, float[]> vectors = new LinkedHashMap<>();
    floats.keySet().forEach(name -> vectors.put(name, new float[length]));
    Map<String, double[]> numbers = new LinkedHashMap<>();
    counters.forEach((name, values) -> numbers.put(name, new double[values.length]));
    ByteBuffer statistics = ByteBuffer.allocate(buffers.remaining()).order(buffers.order());
    return new WorkerState(vectors, statistics, numbers);
  }

  /**
   * Takes over one of the states of another number of workers; all of them, in order of rank, make
   * this one whole. Of the vectors this worker takes what both shares have in common, of the
   * running statistics all workers take the mean, and the counters become those of worker 0.
   */
  void take(WorkerState saved, Share from, Share to) {
    Slice theirs = from.slice();
    Slice own = to.slice();
    int start = Math.max(theirs.from(), own.from());
    int common = Math.min(theirs.to(), own.to()) - start;
    if (common > 0) {
      floats.forEach(
          (name, vector) ->
              System.arraycopy(
                  saved.floats.get(name),
                  start - theirs.from(),
                  vector,
                  start - own.from(),
                  common));
    }
    FloatBuffer mean = floats(buffers);
    FloatBuffer statistics = floats(saved.buffers);
    for (int i = 0; i < mean.limit(); i++) {
      float value = statistics.get(i);
      if (from.rank() == 0) {
        mean.put(i, value);
      } else if (mean.get(i) != value) { // which leaves what is the same everywhere as it is
        mean.put(i, mean.get(i) + (value - mean.get(i)) / (from.rank() + 1));
      }
    }
    counters.forEach(
        (name, numbers) -> {
          if (from.rank() == 0) {
            Arrays.fill(numbers, 0);
          }
          for (int i = 0; to.rank() == 0 && i < numbers.length; i++) {
            numbers[i] += saved.counters.get(name)[i];
          }
        });
  }

  private static FloatBuffer floats(ByteBuffer bytes) {
    return bytes.duplicate().order(bytes.order()).asFloatBuffer();
  }

  private String names() {
    List<String> names = new ArrayList<>(floats.keySet());
    names.add("buffers");
    names.addAll(counters.keySet());
    return String.join(", ", names);
  }

  private static void expect(int actual, int length) throws EOFException {
    if (actual != length) {
      throw new EOFException("%d numbers where %d were expected".formatted(actual, length));
    }
  }
}
