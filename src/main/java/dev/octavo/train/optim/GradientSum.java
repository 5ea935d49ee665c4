package dev.octavo.train.optim;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Adds up the gradients of several batches before they are exchanged. */
public sealed class GradientSum {
  private static final int BLOCK = 1 << 14;

  private final FloatBuffer gradient;
  private final float[] sum;
  private final float[] block = new float[BLOCK];

  private GradientSum(FloatBuffer gradient, int length) {
    this.gradient = gradient;
    this.sum = new float[length];
  }

  /**
   * A sum at zero.
   *
   * @param batches that are added up; of one alone, the gradient is left where it is
   * @param gradient where each batch's gradient appears and the sum is wanted, float32
   */
  public static GradientSum of(int batches, ByteBuffer gradient) {
    FloatBuffer floats = gradient.asFloatBuffer();
    return batches == 1 ? new OfOne(floats) : new GradientSum(floats, floats.remaining());
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

  /** The gradient of a single batch, which is the sum already. */
  private static final class OfOne extends GradientSum {
    OfOne(FloatBuffer gradient) {
      super(gradient, 0);
    }

    @Override
    public void add() {}

    @Override
    public void take() {}
  }
}
