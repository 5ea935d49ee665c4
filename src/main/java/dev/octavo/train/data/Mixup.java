package dev.octavo.train.data;

import dev.octavo.image.Preprocess;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Mixup (Zhang et al. 2017) within a batch: each image becomes the weighted mean of itself and the
 * other one of its pair, in place, rounded to a byte per channel; one share for the whole batch,
 * from Beta(<i>a</i>, <i>a</i>).
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
   * Mixes {@code count} images of {@code size} bytes each with their {@link Batch#partner
   * partners}.
   */
  static void mix(ByteBuffer pixels, int count, int size, double share) {
    byte[] first = new byte[size];
    byte[] second = new byte[size];
    int keep = (int) Math.round(share * (1 << 16));
    int give = (1 << 16) - keep;
    for (int image = 0; image + 1 < count; image += 2) {
      pixels.get(image * size, first);
      pixels.get((image + 1) * size, second);
      for (int b = 0; b < size; b++) {
        int a = first[b] & 0xff;
        int c = second[b] & 0xff;
        first[b] = (byte) ((keep * a + give * c + (1 << 15)) >> 16);
        second[b] = (byte) ((keep * c + give * a + (1 << 15)) >> 16);
      }
      pixels.put(image * size, first);
      pixels.put((image + 1) * size, second);
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
