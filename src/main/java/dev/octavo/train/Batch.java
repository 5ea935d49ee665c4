package dev.octavo.train;

import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Memory for one batch, used again and again: pixels {@code uint8 [N, S, S, 3]}, labels {@code
 * int64 [N]} and targets {@code float32 [N, K]} for {@code K} classes, in direct buffers, which
 * libtorch reads in place.
 *
 * <p>Fill it in this order: {@link #clear}; for each picture its pixels, then {@link #add}; at last
 * the targets, all of them: {@link #smoothTargets}, and where a picture needs another, {@link
 * #setTarget}.
 */
final class Batch {
  private final int imageSize;
  private final int classes;
  private final ByteBuffer pixels;
  private final ByteBuffer labels;
  private final ByteBuffer targets;
  private int size;

  Batch(int capacity, int imageSize, int classes) {
    this.imageSize = imageSize;
    this.classes = classes;
    this.pixels = direct(Math.multiplyExact(capacity, 3 * imageSize * imageSize));
    this.labels = direct(capacity * Long.BYTES);
    this.targets = direct(Math.multiplyExact(capacity, classes * Float.BYTES));
  }

  /** Starts over; returns where the pixels of the next pictures go. */
  ByteBuffer clear() {
    size = 0;
    return pixels.clear();
  }

  /** A picture's pixels have been written. */
  void add(int label) {
    labels.putLong(size * Long.BYTES, label);
    size++;
  }

  int size() {
    return size;
  }

  int label(int picture) {
    return (int) labels.getLong(picture * Long.BYTES);
  }

  /** A picture's pixels, to be changed in place. */
  ByteBuffer pixels(int picture) {
    int bytes = 3 * imageSize * imageSize;
    return pixels.slice(picture * bytes, bytes);
  }

  /**
   * Sets all targets from the labels, with label smoothing {@code e}: {@code 1 - e + e/K} for the
   * label and {@code e/K} for each other of {@code K} classes (Szegedy et al. 2015, section 7).
   *
   * @param smoothing from 0 (off) to less than 1
   */
  void smoothTargets(double smoothing) {
    float[] target = new float[classes];
    for (int i = 0; i < size; i++) {
      Arrays.fill(target, (float) (smoothing / classes));
      target[label(i)] = (float) (1 - smoothing + smoothing / classes);
      setTarget(i, target);
    }
  }

  /** Sets a picture's target: the weight of each class's cross-entropy in its loss. */
  void setTarget(int picture, float[] target) {
    if (target.length != classes) {
      throw new IllegalArgumentException(
          "a target has %d classes, this one %d".formatted(classes, target.length));
    }
    targets.asFloatBuffer().put(picture * classes, target);
  }

  /** {@code uint8 [N, S, S, 3]}. */
  Tensor images() {
    long[] shape = {size, imageSize, imageSize, 3};
    return Tensor.of(DType.UINT8, shape, pixels.slice(0, size * 3 * imageSize * imageSize));
  }

  /** {@code int64 [N]}. */
  Tensor labels() {
    return Tensor.of(DType.INT64, new long[] {size}, labels.slice(0, size * Long.BYTES));
  }

  /** {@code float32 [N, K]}. */
  Tensor targets() {
    long[] shape = {size, classes};
    return Tensor.of(DType.FLOAT32, shape, targets.slice(0, size * classes * Float.BYTES));
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
