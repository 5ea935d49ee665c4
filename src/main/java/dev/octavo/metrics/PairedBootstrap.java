package dev.octavo.metrics;

import java.util.Arrays;
import java.util.Random;

/**
 * The percentile bootstrap of a difference in accuracy (B. Efron, "Bootstrap Methods: Another Look
 * at the Jackknife", Annals of Statistics 7, 1979): images are drawn with replacement, as many as
 * there are, each with the answers of both models; the interval lies between two quantiles of the
 * differences that this gives.
 *
 * <p>A resample's difference depends on its discordant images alone. Their number is binomial, and
 * so is the number of losses among them, so these two are drawn and not the images: the same
 * distribution, in time proportional to the discordant images.
 */
final class PairedBootstrap {
  private static final int RESAMPLES = 10_000;
  private static final int LEAST_RESAMPLES = 1_000;

  /** Draws in all, after which fewer resamples must do. */
  private static final long MOST_DRAWS = 50_000_000;

  private PairedBootstrap() {}

  /**
   * The interval of the first model's accuracy minus the second's.
   *
   * @param pairs with at least one discordant image
   * @param seed of the resamples: the same gives the same interval
   */
  static Interval interval(PairedAccuracy pairs, double level, long seed) {
    long images = pairs.images();
    double discordant = (double) pairs.discordant() / images;
    double loss = (double) pairs.onlyFirst() / pairs.discordant();
    int resamples =
        (int) Math.max(LEAST_RESAMPLES, Math.min(RESAMPLES, MOST_DRAWS / pairs.discordant()));
    Random random = new Random(seed);
    double[] drops = new double[resamples];
    for (int i = 0; i < resamples; i++) {
      long drawn = binomial(random, images, discordant);
      long losses = 0;
      for (long d = 0; d < drawn; d++) {
        losses += random.nextDouble() < loss ? 1 : 0;
      }
      drops[i] = (double) (2 * losses - drawn) / images;
    }
    Arrays.sort(drops);
    Quantiles quantiles = Quantiles.of(drops);
    return new Interval(quantiles.at((1 - level) / 2), quantiles.at((1 + level) / 2));
  }

  /**
   * The number of successes in {@code n} trials, by the gaps between successes, which are geometric
   * (L. Devroye, "Non-Uniform Random Variate Generation", 1986, X.4).
   */
  private static long binomial(Random random, long n, double p) {
    if (p >= 1) {
      return n;
    }
    double logMiss = Math.log1p(-p);
    long successes = 0;
    double at = 0;
    while (true) {
      at += Math.floor(Math.log(1 - random.nextDouble()) / logMiss) + 1;
      if (at > n) {
        return successes;
      }
      successes++;
    }
  }
}
