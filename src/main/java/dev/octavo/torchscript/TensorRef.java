package dev.octavo.torchscript;

import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor as a pickle describes it: a strided view of a storage. Every element lies within the
 * {@code storage.elements()} that the pickle claims.
 *
 * @param storage where the elements are
 * @param offset index of the first element
 * @param shape dimensions, outermost first; empty for a scalar
 * @param strides distance in elements between neighbours along each dimension
 */
record TensorRef(StorageRef storage, long offset, long[] shape, long[] strides) {
  /** As PyTorch has it. */
  static final int MAX_RANK = 64;

  TensorRef {
    if (shape.length != strides.length) {
      throw new MalformedFileException(
          "a tensor has %d dimensions but %d strides".formatted(shape.length, strides.length));
    }
    checkWithinStorage(storage, offset, shape, strides);
  }

  private static void checkWithinStorage(
      StorageRef storage, long offset, long[] shape, long[] strides) {
    boolean inside = offset >= 0;
    try {
      long last = offset;
      for (int i = 0; i < shape.length; i++) {
        inside &= shape[i] >= 0 && strides[i] >= 0;
        last = Math.addExact(last, Math.multiplyExact(Math.max(shape[i] - 1, 0), strides[i]));
      }
      inside = inside && (Tensor.elements(shape) == 0 || last < storage.elements());
    } catch (ArithmeticException e) {
      inside = false;
    }
    if (!inside) {
      throw new MalformedFileException(
          "a tensor of shape %s with strides %s and offset %d does not fit its storage '%s' of %d elements"
              .formatted(
                  Arrays.toString(shape),
                  Arrays.toString(strides),
                  offset,
                  storage.key(),
                  storage.elements()));
    }
  }

  long elements() {
    return Tensor.elements(shape);
  }

  /** Bytes of the tensor once it is dense. */
  long bytes() {
    try {
      return Math.multiplyExact(elements(), (long) storage.dtype().bytes());
    } catch (ArithmeticException e) {
      throw new MalformedFileException(
          "a tensor of shape %s is impossibly large".formatted(Arrays.toString(shape)), e);
    }
  }

  /** Returns whether the elements are dense and row-major, so that they need not be copied. */
  boolean isContiguous() {
    if (elements() == 0) {
      return true;
    }
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) {
        return false;
      }
      expected *= shape[i];
    }
    return true;
  }

  /**
   * The tensor over the storage's bytes: a view where it is contiguous, else a row-major copy.
   *
   * @param data exactly {@code storage().bytes()} bytes
   */
  Tensor over(ByteBuffer data) {
    int width = storage.dtype().bytes();
    int size = Math.toIntExact(bytes());
    if (isContiguous()) {
      int start = size == 0 ? 0 : Math.toIntExact(offset * width);
      return Tensor.of(storage.dtype(), shape, data.slice(start, size));
    }
    ByteBuffer dense = ByteBuffer.allocate(size);
    ByteBuffer source = data.duplicate().order(ByteOrder.BIG_ENDIAN); // as dense: bytes stay as is
    long[] index = new long[shape.length];
    long element = offset;
    while (dense.hasRemaining()) {
      copyElement(source, Math.toIntExact(element * width), width, dense);
      for (int i = shape.length - 1; i >= 0; i--) {
        element += strides[i];
        if (++index[i] < shape[i]) {
          break;
        }
        element -= strides[i] * shape[i];
        index[i] = 0;
      }
    }
    return Tensor.of(storage.dtype(), shape, dense.flip());
  }

  private static void copyElement(ByteBuffer source, int at, int width, ByteBuffer into) {
    switch (width) {
      case 1 -> into.put(source.get(at));
      case 2 -> into.putShort(source.getShort(at));
      case 4 -> into.putInt(source.getInt(at));
      case 8 -> into.putLong(source.getLong(at));
      default -> throw new IllegalStateException("no element type has " + width + " bytes");
    }
  }
}
