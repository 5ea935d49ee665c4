package dev.octavo.train.data;

import dev.octavo.image.augment.Box;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory for one batch, used again and again: what the network sees ({@code uint8 [N, S, S, 3]}
 * pixels, or {@code float32 [N, F]} features), labels {@code int64 [N]} and targets {@code float32
 * [N, K]} for {@code K} classes, in direct buffers, which libtorch reads in place.
 *
 * <p>Fill it in this order: {@link #clear}; for each image its input, then {@link #add}; for
 * training at last the target of each image.
 */
public final class Batch {
  private final DType type;
  private final long[] inputShape;
  private final int inputBytes;
  private final int classes;
  private final ByteBuffer inputs;
  private final ByteBuffer labels;
  private final ByteBuffer targets;
  private final double[] weights;
  private int size;

  private Batch(int capacity, DType type, long[] inputShape, int inputBytes, int classes) {
    this.type = type;
    this.inputShape = inputShape;
    this.inputBytes = inputBytes;
    this.classes = classes;
    this.inputs = direct(Math.multiplyExact(capacity, inputBytes));
    this.labels = direct(capacity * Long.BYTES);
    this.targets = direct(Math.multiplyExact(capacity, classes * Float.BYTES));
    this.weights = new double[capacity];
  }

  public static Batch ofImages(int capacity, int imageSize, int classes) {
    long[] shape = {0, imageSize, imageSize, 3};
    return new Batch(capacity, DType.UINT8, shape, 3 * imageSize * imageSize, classes);
  }

  static Batch ofFeatures(int capacity, int features, int classes) {
    return new Batch(
        capacity, DType.FLOAT32, new long[] {0, features}, features * Float.BYTES, classes);
  }

  /** Starts over; returns where the inputs of the next images go, in native order. */
  public ByteBuffer clear() {
    size = 0;
    return inputs.clear();
  }

  /** An image's input has been written. */
  public void add(int label) {
    labels.putLong(size * Long.BYTES, label);
    size++;
  }

  /**
   * Sets what is to be answered for an image.
   *
   * @param target of each class
   * @param weight of the image in the mean of the losses
   */
  void target(int image, float[] target, double weight) {
    targets.asFloatBuffer().put(image * classes, target);
    weights[image] = weight;
  }

  /** Mixes each image with the next one; see {@link Mixup#mix}. */
  void mix(double share) {
    Mixup.mix(inputs, size, inputBytes, share);
  }

  /** Puts a part of the next image into each; see {@link CutMix#paste}. */
  void paste(Box box) {
    CutMix.paste(inputs, size, (int) inputShape[1], box);
  }

  public int size() {
    return size;
  }

  public int label(int image) {
    return (int) labels.getLong(image * Long.BYTES);
  }

  public double weight(int image) {
    return weights[image];
  }

  /** The pixels that the network sees. */
  public Tensor inputs() {
    long[] shape = inputShape.clone();
    shape[0] = size;
    return Tensor.of(type, shape, inputs.slice(0, size * inputBytes));
  }

  /** {@code int64 [N]}. */
  public Tensor labels() {
    return Tensor.of(DType.INT64, new long[] {size}, labels.slice(0, size * Long.BYTES));
  }

  /** {@code float32 [N, K]}. */
  public Tensor targets() {
    long[] shape = {size, classes};
    return Tensor.of(DType.FLOAT32, shape, targets.slice(0, size * classes * Float.BYTES));
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
