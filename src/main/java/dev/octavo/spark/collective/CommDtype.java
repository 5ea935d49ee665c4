package dev.octavo.spark.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** In which type the numbers of a vector travel between workers; sums are float32 either way. */
public enum CommDtype {
  /** float32: nothing is lost. */
  FP32(Float.BYTES),
  /**
   * bfloat16, rounded to nearest even: half the bytes, 8 bits of precision. Terms are rounded once
   * on each way from worker to worker.
   */
  BF16(Short.BYTES);

  private final int bytes;

  CommDtype(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of a number on the wire. */
  public int bytes() {
    return bytes;
  }

  /** Rounds floats to bfloat16 and back. */
  static void round(float[] values, int n) {
    for (int i = 0; i < n; i++) {
      values[i] = toFloat(toBfloat16(values[i]));
    }
  }

  /** Writes bfloat16 at the buffer's position. */
  static void encode(float[] values, short[] scratch, int n, ByteBuffer into) {
    for (int i = 0; i < n; i++) {
      scratch[i] = toBfloat16(values[i]);
    }
    into.duplicate().order(ByteOrder.nativeOrder()).asShortBuffer().put(scratch, 0, n);
  }

  /** Reads bfloat16 from the buffer's position. */
  static void decode(ByteBuffer from, short[] scratch, int n, float[] values) {
    from.duplicate().order(ByteOrder.nativeOrder()).asShortBuffer().get(scratch, 0, n);
    for (int i = 0; i < n; i++) {
      values[i] = toFloat(scratch[i]);
    }
  }

  // floatToIntBits makes all NaNs the one that survives the addition.
  private static short toBfloat16(float value) {
    int bits = Float.floatToIntBits(value);
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
  }

  private static float toFloat(short bfloat16) {
    return Float.intBitsToFloat(bfloat16 << 16);
  }
}
