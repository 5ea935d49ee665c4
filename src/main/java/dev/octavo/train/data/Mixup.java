package dev.octavo.train.data;

import dev.octavo.image.Preprocess;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Mixup (Zhang et al. 2017) within a batch: each image becomes the weighted mean of itself and its
 * neighbour, in place, rounded to a byte per channel; one share for the whole batch, from
 * Beta(<i>a</i>, <i>a</i>).
 */
final class Mixup {
  private Mixup() {}

  /** The share that each image keeps, at least a half: which of two is the first is chance. */
  static double share(double alpha, long seed, int epoch, String batch) {
    if (alpha == 0) {
      return 1;
    }
    Random random = new Random(Preprocess.sampleSeed(seed, epoch, batch));
    double share = beta(alpha, random);
    return Math.max(share, 1 - share);
  }

  /** A number from Beta(<i>a</i>, <i>a</i>); 1 where both of its parts are too small to divide. */
  static double beta(double alpha, Random random) {
    double x = gamma(alpha, random);
    double y = gamma(alpha, random);
    double share = x / (x + y);
    return Double.isNaN(share) ? 1 : share;
  }

  /**
   * Mixes {@code count} images of {@code size} bytes each with the next one, the last with the
   * first.
   */
  static void mix(ByteBuffer pixels, int count, int size, double share) {
    byte[] first = new byte[size];
    byte[] current = new byte[size];
    byte[] next = new byte[size];
    pixels.get(0, first);
    pixels.get(0, current);
    int keep = (int) Math.round(share * (1 << 16));
    for (int i = 0; i < count; i++) {
      if (i + 1 < count) {
        pixels.get((i + 1) * size, next);
      } else {
        System.arraycopy(first, 0, next, 0, size);
      }
      for (int b = 0; b < size; b++) {
        int mixed = keep * (current[b] & 0xff) + ((1 << 16) - keep) * (next[b] & 0xff);
        current[b] = (byte) ((mixed + (1 << 15)) >> 16);
      }
      pixels.put(i * size, current);
      byte[] swap = current;
      current = next;
      next = swap;
    }
  }

  /**
   * A number from the gamma distribution of this shape (Marsaglia and Tsang 2000), with Johnk's
   * boost for shapes below 1.
   */
  private static double gamma(double shape, Random random) {
    if (shape < 1) {
      return gamma(shape + 1, random) * Math.pow(1 - random.nextDouble(), 1 / shape);
    }
    double d = shape - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    while (true) {
      double x = random.nextGaussian();
      double v = Math.pow(1 + c * x, 3);
      if (v > 0 && Math.log(1 - random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  }
}
