package dev.octavo.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A dense tensor, on the heap or over native memory: contiguous, row-major, little-endian. A scalar
 * has an empty shape. Treat it as immutable.
 */
public final class Tensor {
  private final DType dtype;
  private final long[] shape;
  private final ByteBuffer data;

  private Tensor(DType dtype, long[] shape, ByteBuffer data) {
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  /**
   * A tensor over bytes that it takes over.
   *
   * @throws IllegalArgumentException if a dimension is negative or the bytes don't fill the shape
   *     exactly
   */
  public static Tensor of(DType dtype, long[] shape, ByteBuffer littleEndian) {
    Objects.requireNonNull(dtype, "dtype");
    long expected = Math.multiplyExact(elements(shape), (long) dtype.bytes());
    if (littleEndian.remaining() != expected) {
      throw new IllegalArgumentException(
          "a %s tensor of shape %s takes %d bytes, but there are %d"
              .formatted(dtype, Arrays.toString(shape), expected, littleEndian.remaining()));
    }
    return new Tensor(dtype, shape.clone(), littleEndian.slice().order(ByteOrder.LITTLE_ENDIAN));
  }

  /** A float32 tensor with a copy of {@code values}. */
  public static Tensor of(float[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return of(DType.FLOAT32, shape, bytes);
  }

  /** An int8 tensor with a copy of {@code values}. */
  public static Tensor of(byte[] values, long... shape) {
    return of(DType.INT8, shape, ByteBuffer.wrap(values.clone()));
  }

  /** An int64 tensor with a copy of {@code values}. */
  public static Tensor of(long[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return of(DType.INT64, shape, bytes);
  }

  /** An int64 scalar. */
  public static Tensor scalar(long value) {
    return of(new long[] {value});
  }

  /** The number of elements that a shape has: the product of its dimensions, 1 for a scalar. */
  public static long elements(long[] shape) {
    long n = 1;
    for (long d : shape) {
      if (d < 0) {
        throw new IllegalArgumentException("negative dimension in shape " + Arrays.toString(shape));
      }
      n = Math.multiplyExact(n, d);
    }
    return n;
  }

  /** The element type. */
  public DType dtype() {
    return dtype;
  }

  /** The dimensions, outermost first. */
  public long[] shape() {
    return shape.clone();
  }

  /** The number of elements. */
  public long elements() {
    return elements(shape);
  }

  /** A read-only little-endian view of the bytes. */
  public ByteBuffer bytes() {
    return data.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * The values as float32, whatever floating-point type they are stored in; a fresh array.
   *
   * @throws IllegalStateException if the type is not a floating-point type
   */
  public float[] toFloats() {
    int n = Math.toIntExact(elements());
    float[] out = new float[n];
    ByteBuffer in = bytes();
    switch (dtype) {
      case FLOAT32 -> {
        FloatBuffer floats = in.asFloatBuffer();
        floats.get(out);
      }
      case FLOAT64 -> {
        for (int i = 0; i < n; i++) {
          out[i] = (float) in.getDouble(i * 8);
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < n; i++) {
          out[i] = Float.intBitsToFloat(in.getShort(i * 2) << 16);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < n; i++) {
          out[i] = halfToFloat(in.getShort(i * 2));
        }
      }
      default -> throw new IllegalStateException(dtype + " is not a floating-point type");
    }
    return out;
  }

  /** Widens an IEEE 754 binary16 ({@code Float.float16ToFloat} came with Java 20). */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = (half >> 10) & 0x1f;
    int fraction = half & 0x3ff;
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f80_0000 | fraction << 13);
    }
    if (exponent == 0) {
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    return Float.intBitsToFloat(sign | (exponent + 112) << 23 | fraction << 13);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && dtype == that.dtype
        && Arrays.equals(shape, that.shape)
        && data.equals(that.data);
  }

  @Override
  public int hashCode() {
    return Objects.hash(dtype, Arrays.hashCode(shape), data);
  }

  @Override
  public String toString() {
    List<Long> dimensions = Arrays.stream(shape).boxed().toList();
    return dtype + dimensions.toString();
  }
}
