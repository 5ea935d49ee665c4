package dev.octavo.train;

import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory for one batch, used again and again: pixels {@code uint8 [N, S, S, 3]} and labels {@code
 * int64 [N]} in direct buffers, which libtorch reads in place.
 */
final class Batch {
  private final int imageSize;
  private final ByteBuffer pixels;
  private final ByteBuffer labels;
  private int size;

  Batch(int capacity, int imageSize) {
    this.imageSize = imageSize;
    this.pixels =
        ByteBuffer.allocateDirect(Math.multiplyExact(capacity, 3 * imageSize * imageSize));
    this.labels = ByteBuffer.allocateDirect(capacity * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Starts over; returns where the pixels of the next pictures go. */
  ByteBuffer clear() {
    size = 0;
    labels.clear();
    return pixels.clear();
  }

  /** A picture's pixels have been written. */
  void add(int label) {
    labels.putLong(label);
    size++;
  }

  int size() {
    return size;
  }

  Tensor images() {
    return Tensor.of(
        DType.UINT8, new long[] {size, imageSize, imageSize, 3}, pixels.duplicate().flip());
  }

  Tensor labels() {
    return Tensor.of(DType.INT64, new long[] {size}, labels.duplicate().flip());
  }
}
