package dev.octavo.inference;

import dev.octavo.image.SquareDecoder;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.OpenCvPixels;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.inference.ImageItem.Bytes;
import dev.octavo.inference.ImageItem.Failed;
import dev.octavo.inference.ImageItem.Loaded;
import dev.octavo.inference.ImageItem.Pixels;
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
import java.util.function.Consumer;

/**
 * The pixels of the images that go through the models together: a direct buffer per image size,
 * {@code uint8 [capacity, size, size, 3]}, filled by decoding on a fixed number of threads and used
 * again for the next batch. Each image is decoded once and resampled for each size. Used by one
 * task at a time.
 */
final class Batch implements AutoCloseable {
  private final int capacity;
  private final DecodeLimits limits;
  private final Duration decodeTime;
  private final List<String> errors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final DecodePool<SquareDecoder> pool;
  private Map<Integer, ByteBuffer> pixels;
  private int rows;

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
  void clear() {
    errors.clear();
    warnings.clear();
    rows = 0;
  }

  /** Images that still fit. */
  int room() {
    return capacity - rows;
  }

  /** Images that were added, those without pixels included. */
  int size() {
    return errors.size();
  }

  /** Images that have pixels: one row each, in the order in which they were added. */
  int rows() {
    return rows;
  }

  /** The reason why an image has no pixels; null where it has. */
  String error(int image) {
    return errors.get(image);
  }

  /** The defect of a file whose pixels are all there; null without one. */
  String warning(int image) {
    return warnings.get(image);
  }

  /** {@code uint8 [N, size, size, 3]}: the rows so far, valid until {@link #clear}. */
  Tensor pixels(int imageSize) {
    ByteBuffer filled = pixels.get(imageSize).slice(0, rows * bytes(imageSize));
    return Tensor.of(DType.UINT8, new long[] {rows, imageSize, imageSize, 3}, filled);
  }

  /**
   * Decodes images into the batch; those that can't be decoded take no room in it.
   *
   * @param images at most {@link #room}
   * @throws DecodePool.ExhaustedException if too many of them take too long
   */
  void add(List<Loaded> images) {
    int first = rows;
    Map<Integer, ByteBuffer> target = pixels;
    String[] outcome = new String[images.size()];
    String[] remarks = new String[images.size()];
    BitSet late =
        pool.run(
            images.size(),
            (decoder, i) ->
                outcome[i] =
                    decode(images.get(i), first + i, decoder, target, w -> remarks[i] = w));
    String[] reasons = outcome.clone();
    if (!late.isEmpty()) {
      leaveBuffersToLateThreads(first + images.size());
      late.stream().forEach(i -> reasons[i] = tooSlow());
    }
    for (int i = 0; i < reasons.length; i++) {
      errors.add(reasons[i]);
      warnings.add(reasons[i] == null ? remarks[i] : null);
      if (reasons[i] == null) {
        move(first + i, rows);
        rows++;
      }
    }
  }

  private String tooSlow() {
    return "too-slow: decoding took longer than the limit of %.3f s"
        .formatted(decodeTime.toNanos() / 1e9);
  }

  /** Threads that were given up may still write to the buffers: the batch goes on with copies. */
  private void leaveBuffersToLateThreads(int filled) {
    Map<Integer, ByteBuffer> copies = buffers(pixels.keySet(), capacity);
    copies.forEach((size, copy) -> copy.put(0, pixels.get(size), 0, filled * bytes(size)));
    pixels = copies;
  }

  /** Decodes into a row of each buffer; returns null or why it can't be done. */
  private String decode(
      Loaded image,
      int row,
      SquareDecoder decoder,
      Map<Integer, ByteBuffer> target,
      Consumer<String> warned) {
    if (image instanceof Failed failed) {
      return failed.error();
    }
    Map<Integer, ByteBuffer> ofRow = new TreeMap<>();
    target.forEach(
        (size, buffer) -> ofRow.put(size, buffer.duplicate().position(row * bytes(size))));
    try {
      if (image instanceof Bytes bytes) {
        warned.accept(decoder.decode(bytes.file(), ofRow).warning());
      } else {
        Pixels it = (Pixels) image;
        decoder.resample(
            OpenCvPixels.toRgb(it.width(), it.height(), it.type(), it.samples(), limits), ofRow);
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
