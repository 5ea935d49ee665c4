package dev.octavo.train.optim;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/** Looks for NaN and infinities in many floats, quickly. */
public final class Finite {
  private static final int BLOCK = 1 << 14;

  private Finite() {}

  /** Returns whether all floats in a buffer, from its position to its limit, are finite. */
  public static boolean all(ByteBuffer floats) {
    IntBuffer bits = floats.slice().order(floats.order()).asIntBuffer();
    int[] block = new int[BLOCK];
    while (bits.hasRemaining()) {
      int n = Math.min(BLOCK, bits.remaining());
      bits.get(block, 0, n);
      if (anyExponentFull(block, n)) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether all floats are finite. */
  public static boolean all(float[] floats) {
    for (float f : floats) {
      if (!Float.isFinite(f)) {
        return false;
      }
    }
    return true;
  }

  /**
   * NaN and infinities have all bits of the exponent set: adding one to it carries into the sign.
   * Without branches, so that the loop is vectorised.
   */
  private static boolean anyExponentFull(int[] bits, int n) {
    int carries = 0;
    for (int i = 0; i < n; i++) {
      carries |= (bits[i] & 0x7fff_ffff) + 0x0080_0000;
    }
    return carries < 0;
  }
}
