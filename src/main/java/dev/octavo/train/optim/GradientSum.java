package dev.octavo.train.optim;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Adds up the gradients of several batches before they are exchanged. */
public final class GradientSum {
  private static final int BLOCK = 1 << 14;

  private final FloatBuffer gradient;
  private final float[] sum;
  private final float[] block = new float[BLOCK];

  /**
   * A sum at zero.
   *
   * @param gradient where each batch's gradient appears and the sum is wanted, float32
   */
  public GradientSum(ByteBuffer gradient) {
    this.gradient = gradient.asFloatBuffer();
    this.sum = new float[this.gradient.remaining()];
  }

  /** Adds the gradient of a batch. */
  public void add() {
    for (int from = 0; from < sum.length; from += BLOCK) {
      int n = Math.min(BLOCK, sum.length - from);
      gradient.get(from, block, 0, n);
      for (int i = 0; i < n; i++) {
        sum[from + i] += block[i];
      }
    }
  }

  /** Puts the sum where the gradients came from, and starts over. */
  public void take() {
    gradient.put(0, sum);
    Arrays.fill(sum, 0);
  }
}
