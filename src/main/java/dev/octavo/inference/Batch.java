package dev.octavo.inference;

import dev.octavo.image.Preprocessing;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The pixels of the images that go through the models together: a direct buffer for each {@link
 * Preprocessing} among them, {@code uint8 [capacity, size, size, 3]}, filled by decoding on a fixed
 * number of threads and used again for the next batch. Each image is decoded once and resampled for
 * each buffer. Used by one task at a time.
 */
final class Batch implements AutoCloseable {
  private final int capacity;
  private final DecodeLimits limits;
  private final Duration decodeTime;
  private final List<String> errors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final DecodePool<SquareDecoder> pool;
  private final Map<Preprocessing, ByteBuffer> mirrors = new HashMap<>();
  private Map<Preprocessing, ByteBuffer> pixels;
  private int rows;

  /**
   * An empty batch.
   *
   * @param threads that decode
   * @param decodeTime after which an image is given up
   */
  Batch(
      int capacity,
      Set<Preprocessing> rules,
      int threads,
      DecodeLimits limits,
      Duration decodeTime) {
    this.capacity = capacity;
    this.limits = limits;
    this.decodeTime = decodeTime;
    this.pixels = buffers(rules, capacity);
    this.pool = new DecodePool<>(threads, decodeTime, () -> new SquareDecoder(rules, limits));
  }

  private static Map<Preprocessing, ByteBuffer> buffers(Set<Preprocessing> rules, int capacity) {
    Map<Preprocessing, ByteBuffer> buffers = new LinkedHashMap<>();
    for (Preprocessing rule : rules) {
      buffers.put(rule, ByteBuffer.allocateDirect(Math.multiplyExact(capacity, rule.bytes())));
    }
    return buffers;
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
  Tensor pixels(Preprocessing rule) {
    int size = rule.cropSize();
    ByteBuffer filled = pixels.get(rule).slice(0, rows * rule.bytes());
    return Tensor.of(DType.UINT8, new long[] {rows, size, size, 3}, filled);
  }

  /** The same rows with each image mirrored, left to right. */
  Tensor mirrored(Preprocessing rule) {
    int size = rule.cropSize();
    byte[] line = new byte[3 * size];
    byte[] reversed = new byte[line.length];
    ByteBuffer from = pixels.get(rule);
    ByteBuffer to =
        mirrors.computeIfAbsent(rule, r -> ByteBuffer.allocateDirect(capacity * r.bytes()));
    for (int start = 0; start < rows * rule.bytes(); start += line.length) {
      from.get(start, line);
      for (int x = 0; x < line.length; x += 3) {
        System.arraycopy(line, line.length - 3 - x, reversed, x, 3);
      }
      to.put(start, reversed);
    }
    return Tensor.of(
        DType.UINT8, new long[] {rows, size, size, 3}, to.slice(0, rows * rule.bytes()));
  }

  /**
   * Decodes images into the batch; those that can't be decoded take no room in it.
   *
   * @param images at most {@link #room}
   * @throws DecodePool.ExhaustedException if too many of them take too long
   */
  void add(List<Loaded> images) {
    int first = rows;
    Map<Preprocessing, ByteBuffer> target = pixels;
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
    Map<Preprocessing, ByteBuffer> copies = buffers(pixels.keySet(), capacity);
    copies.forEach((rule, copy) -> copy.put(0, pixels.get(rule), 0, filled * rule.bytes()));
    pixels = copies;
  }

  /** Decodes into a row of each buffer; returns null or why it can't be done. */
  private String decode(
      Loaded image,
      int row,
      SquareDecoder decoder,
      Map<Preprocessing, ByteBuffer> target,
      Consumer<String> warned) {
    if (image instanceof Failed failed) {
      return failed.error();
    }
    Map<Preprocessing, ByteBuffer> ofRow = new HashMap<>();
    target.forEach(
        (rule, buffer) -> ofRow.put(rule, buffer.duplicate().position(row * rule.bytes())));
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
          (rule, buffer) ->
              buffer.put(to * rule.bytes(), buffer, from * rule.bytes(), rule.bytes()));
    }
  }

  /** Ends the threads. */
  @Override
  public void close() {
    pool.close();
  }
}
