package dev.octavo.inference;

import dev.octavo.OctavoException;
import dev.octavo.image.SquareDecoder;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The pixels of the images that go through the models together: a direct buffer per image size,
 * {@code uint8 [capacity, size, size, 3]}, filled by decoding on a fixed number of threads and used
 * again for the next batch. Each image is decoded once and resampled for each size. Used by one
 * task at a time.
 */
public final class Batch implements AutoCloseable {
  private final int capacity;
  private final DecodeLimits limits;
  private final Duration decodeTime;
  private final List<Input> inputs = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final DecodePool<SquareDecoder> pool;
  private Map<Integer, ByteBuffer> pixels;

  /**
   * An empty batch.
   *
   * @param threads that decode
   * @param decodeTime after which an image is given up
   */
  Batch(
      int capacity,
      SortedSet<Integer> imageSizes,
      int threads,
      DecodeLimits limits,
      Duration decodeTime) {
    this.capacity = capacity;
    this.limits = limits;
    this.decodeTime = decodeTime;
    this.pixels = buffers(imageSizes, capacity);
    this.pool = new DecodePool<>(threads, decodeTime, () -> new SquareDecoder(imageSizes, limits));
  }

  private static Map<Integer, ByteBuffer> buffers(Iterable<Integer> imageSizes, int capacity) {
    Map<Integer, ByteBuffer> buffers = new TreeMap<>();
    for (int size : imageSizes) {
      buffers.put(size, ByteBuffer.allocateDirect(Math.multiplyExact(capacity, bytes(size))));
    }
    return buffers;
  }

  private static int bytes(int imageSize) {
    return 3 * imageSize * imageSize;
  }

  /** Empties the batch. */
  public void clear() {
    inputs.clear();
    warnings.clear();
  }

  /** Images that still fit. */
  public int room() {
    return capacity - inputs.size();
  }

  /** The inputs of the batch, in the order of its rows. */
  public List<Input> inputs() {
    return inputs;
  }

  /** The defect of a row's file whose pixels are all there; null without one. */
  String warning(int row) {
    return warnings.get(row);
  }

  /** {@code uint8 [N, size, size, 3]}: the images so far, valid until {@link #clear}. */
  Tensor pixels(int imageSize) {
    int images = inputs.size();
    ByteBuffer filled = pixels.get(imageSize).slice(0, images * bytes(imageSize));
    return Tensor.of(DType.UINT8, new long[] {images, imageSize, imageSize, 3}, filled);
  }

  /**
   * Decodes files into the batch; those that can't be decoded take no place in it.
   *
   * @param contents at most {@link #room}
   * @param failed is told each input that has no pixels, and why
   * @throws OctavoException if too many files take too long
   */
  public void add(List<Content> contents, BiConsumer<Input, String> failed) {
    int first = inputs.size();
    Map<Integer, ByteBuffer> target = pixels;
    String[] outcome = new String[contents.size()];
    String[] remarks = new String[contents.size()];
    BitSet late;
    try {
      late =
          pool.run(
              contents.size(),
              (decoder, i) ->
                  outcome[i] =
                      decode(contents.get(i), first + i, decoder, target, w -> remarks[i] = w));
    } catch (DecodePool.ExhaustedException e) {
      throw new OctavoException(tooManyLate(contents.get(e.index()).input()), e);
    }
    String[] errors = outcome.clone();
    if (!late.isEmpty()) {
      leaveBuffersToLateThreads(first + contents.size());
      late.stream().forEach(i -> errors[i] = tooSlow());
    }
    for (int i = 0; i < errors.length; i++) {
      if (errors[i] != null) {
        failed.accept(contents.get(i).input(), errors[i]);
        continue;
      }
      move(first + i, inputs.size());
      inputs.add(contents.get(i).input());
      warnings.add(remarks[i]);
    }
  }

  private String tooSlow() {
    return "too-slow: decoding took longer than the limit of %.3f s"
        .formatted(decodeTime.toNanos() / 1e9);
  }

  private String tooManyLate(Input input) {
    return "decoding %s takes longer than the limit of %.3f s, as %d files before it do still: leave these files out, or raise --max-decode-seconds"
        .formatted(input.path(), decodeTime.toNanos() / 1e9, DecodePool.MAX_ABANDONED);
  }

  /** Threads that were given up may still write to the buffers: the batch goes on with copies. */
  private void leaveBuffersToLateThreads(int rows) {
    Map<Integer, ByteBuffer> copies = buffers(pixels.keySet(), capacity);
    copies.forEach((size, copy) -> copy.put(0, pixels.get(size), 0, rows * bytes(size)));
    pixels = copies;
  }

  /** Decodes into a row of each buffer; returns null or why it can't be done. */
  private String decode(
      Content content,
      int row,
      SquareDecoder decoder,
      Map<Integer, ByteBuffer> target,
      Consumer<String> warned) {
    if (content.error() != null) {
      return content.error();
    }
    Map<Integer, ByteBuffer> rows = new TreeMap<>();
    target.forEach(
        (size, buffer) -> rows.put(size, buffer.duplicate().position(row * bytes(size))));
    try {
      if (content.bytes() != null) {
        warned.accept(decoder.decode(content.bytes(), rows).warning());
      } else {
        decoder.resample(content.image().decode(limits), rows);
      }
      return null;
    } catch (UndecodableImageException e) {
      return e.reason().label() + ": " + e.getMessage();
    } catch (OutOfMemoryError e) {
      return "out-of-memory: decoding needs more than this executor has (%s): raise"
              .formatted(e.getMessage())
          + " spark.executor.memory, or lower --max-pixels";
    } catch (RuntimeException e) {
      // A decoder that stumbles over one file must not take the other files of the task with it.
      return "decoder-failure: " + e;
    }
  }

  private void move(int from, int to) {
    if (from != to) {
      pixels.forEach(
          (size, buffer) -> buffer.put(to * bytes(size), buffer, from * bytes(size), bytes(size)));
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    pool.close();
  }
}
