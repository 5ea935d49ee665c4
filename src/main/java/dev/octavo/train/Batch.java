package dev.octavo.train;

import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Memory for one batch, used again and again: inputs (pictures or features), labels {@code int64
 * [N]} and targets {@code float32 [N, K]} for {@code K} classes, in direct buffers, which libtorch
 * reads in place.
 *
 * <p>Fill it in this order: {@link #clear}; for each picture its input, then {@link #add}; at last
 * the targets, all of them: {@link #smoothTargets}, and where a picture needs another, {@link
 * #setTarget}.
 */
final class Batch {
  private final DType dtype;
  private final long[] sampleShape;
  private final int sampleBytes;
  private final int classes;
  private final ByteBuffer inputs;
  private final ByteBuffer labels;
  private final ByteBuffer targets;
  private int size;

  /** A batch of pictures, {@code uint8 [N, S, S, 3]}. */
  Batch(int capacity, int imageSize, int classes) {
    this(capacity, DType.UINT8, new long[] {imageSize, imageSize, 3}, classes);
  }

  private Batch(int capacity, DType dtype, long[] sampleShape, int classes) {
    this.dtype = dtype;
    this.sampleShape = sampleShape;
    this.sampleBytes = Math.toIntExact(Tensor.elements(sampleShape) * dtype.bytes());
    this.classes = classes;
    this.inputs = direct(Math.multiplyExact(capacity, sampleBytes));
    this.labels = direct(capacity * Long.BYTES);
    this.targets = direct(Math.multiplyExact(capacity, classes * Float.BYTES));
  }

  /** A batch for a linear probe, {@code float32 [N, features]}. */
  static Batch ofFeatures(int capacity, int features, int classes) {
    return new Batch(capacity, DType.FLOAT32, new long[] {features}, classes);
  }

  /** Starts over; returns where the inputs of the next pictures go. */
  ByteBuffer clear() {
    size = 0;
    return inputs.clear();
  }

  /** A picture's input has been written. */
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

  /** A picture's pixels, or its features, to be changed in place. */
  ByteBuffer input(int picture) {
    return inputs.slice(picture * sampleBytes, sampleBytes).order(ByteOrder.LITTLE_ENDIAN);
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

  /** {@code uint8 [N, S, S, 3]} or {@code float32 [N, features]}. */
  Tensor inputs() {
    long[] shape = new long[1 + sampleShape.length];
    shape[0] = size;
    System.arraycopy(sampleShape, 0, shape, 1, sampleShape.length);
    return Tensor.of(dtype, shape, inputs.slice(0, size * sampleBytes));
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
