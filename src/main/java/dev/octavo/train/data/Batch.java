package dev.octavo.train.data;

import dev.octavo.image.augment.Box;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory for one batch, used again and again: what the network sees ({@code uint8 [N, S, S, 3]}
 * pixels, or {@code float32 [N, F]} features), labels and seeds {@code int64 [N]} and targets
 * {@code float32 [N, K]} for {@code K} columns, in direct buffers, which libtorch reads in place.
 *
 * <p>Fill it in this order: {@link #clear}; for each image its input, then {@link #add}; for
 * training at last the target of each image.
 */
public final class Batch {
  private final DType type;
  private final int columns;
  private final ByteBuffer inputs;
  private final ByteBuffer labels;
  private final ByteBuffer seeds;
  private final ByteBuffer targets;
  private final double[] weights;
  private long[] inputShape;
  private int inputBytes;
  private int size;

  private Batch(int capacity, DType type, long[] inputShape, int inputBytes, int columns) {
    this.type = type;
    this.inputShape = inputShape;
    this.inputBytes = inputBytes;
    this.columns = columns;
    this.inputs = direct(Math.multiplyExact(capacity, inputBytes));
    this.labels = direct(capacity * Long.BYTES);
    this.seeds = direct(capacity * Long.BYTES);
    this.targets = direct(Math.multiplyExact(capacity, columns * Float.BYTES));
    this.weights = new double[capacity];
  }

  /**
   * Memory for images.
   *
   * @param largest height and width that they may have
   * @param columns of the targets
   */
  public static Batch ofImages(int capacity, int largest, int columns) {
    return new Batch(
        capacity, DType.UINT8, new long[] {0, largest, largest, 3}, 3 * largest * largest, columns);
  }

  static Batch ofFeatures(int capacity, int features, int columns) {
    return new Batch(
        capacity, DType.FLOAT32, new long[] {0, features}, features * Float.BYTES, columns);
  }

  /** Sets the height and width of the next images, before {@link #clear}. */
  void imageSize(int side) {
    inputShape = new long[] {0, side, side, 3};
    inputBytes = 3 * side * side;
  }

  /** Starts over; returns where the inputs of the next images go, in native order. */
  public ByteBuffer clear() {
    size = 0;
    return inputs.clear();
  }

  /** An image's input has been written, for a network that nothing random happens in. */
  public void add(int label) {
    add(label, 0);
  }

  /**
   * An image's input has been written.
   *
   * @param seed of what is random in the network, dropout
   */
  public void add(int label, long seed) {
    labels.putLong(size * Long.BYTES, label);
    seeds.putLong(size * Long.BYTES, seed);
    size++;
  }

  /**
   * Sets what is to be answered for an image.
   *
   * @param target of each column
   * @param weight of the image in the mean of the losses
   */
  void target(int image, float[] target, double weight) {
    targets.asFloatBuffer().put(image * columns, target);
    weights[image] = weight;
  }

  /**
   * The other image of a pair, the image itself where it is the last without one. Images are mixed
   * in pairs, which one worker holds, however many there are.
   */
  static int partner(int image, int count) {
    int other = image ^ 1;
    return other < count ? other : image;
  }

  /** Mixes the images of each pair; see {@link Mixup#mix}. */
  void mix(double share) {
    Mixup.mix(inputs, size, inputBytes, share);
  }

  /** Puts a part of the other image of its pair into each; see {@link CutMix#paste}. */
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
    return longs(labels);
  }

  /** {@code int64 [N]}, see {@link #add(int, long)}. */
  public Tensor seeds() {
    return longs(seeds);
  }

  private Tensor longs(ByteBuffer values) {
    return Tensor.of(DType.INT64, new long[] {size}, values.slice(0, size * Long.BYTES));
  }

  /** {@code float32 [N, K]}, see {@link Targets}. */
  public Tensor targets() {
    long[] shape = {size, columns};
    return Tensor.of(DType.FLOAT32, shape, targets.slice(0, size * columns * Float.BYTES));
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
