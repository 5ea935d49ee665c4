package dev.octavo.metrics;

import org.apache.commons.math3.distribution.BinomialDistribution;

/**
 * Two models on the same labelled images: how often each of them is right. As both see the same
 * images, only those on which exactly one is right (the discordant ones) tell the models apart.
 *
 * @param bothRight images that both recognise
 * @param onlyFirst images that only the first recognises: losses of the second
 * @param onlySecond images that only the second recognises: its gains
 * @param bothWrong images that neither recognises
 */
public record PairedAccuracy(long bothRight, long onlyFirst, long onlySecond, long bothWrong) {
  /** The level of confidence of all intervals. */
  public static final double LEVEL = 0.95;

  /** The probability with which a difference that exists is to be shown. */
  public static final double POWER = 0.8;

  /** Refuses negative counts. */
  public PairedAccuracy {
    if (bothRight < 0 || onlyFirst < 0 || onlySecond < 0 || bothWrong < 0) {
      throw new IllegalArgumentException(
          "%d, %d, %d and %d images: none may be negative"
              .formatted(bothRight, onlyFirst, onlySecond, bothWrong));
    }
  }

  /** All images. */
  public long images() {
    return bothRight + discordant() + bothWrong;
  }

  /** The images on which exactly one of the models is right. */
  public long discordant() {
    return onlyFirst + onlySecond;
  }

  /** The accuracy of the first minus that of the second; {@code NaN} without images. */
  public double drop() {
    return images() == 0 ? Double.NaN : (double) (onlyFirst - onlySecond) / images();
  }

  /**
   * The two-sided p-value of McNemar's exact test that both models are equally accurate (Q.
   * McNemar, "Note on the sampling error of the difference between correlated proportions or
   * percentages", Psychometrika 12, 1947): twice the probability that of the discordant images,
   * each falling to either model like a coin, the model with fewer of them gets no more than it
   * did; at most 1.
   */
  public double mcnemar() {
    if (discordant() == 0) {
      return 1;
    }
    BinomialDistribution coins = new BinomialDistribution(null, Math.toIntExact(discordant()), 0.5);
    int fewer = Math.toIntExact(Math.min(onlyFirst, onlySecond));
    return Math.min(1, 2 * coins.cumulativeProbability(fewer));
  }

  /**
   * The interval of {@link #drop}, by a bootstrap over images ({@link PairedBootstrap}). Where no
   * image is discordant, resampling shows no spread: then the interval is what the share of
   * discordant images may still be, {@code 1 − 0.025^(1/n)} (C. J. Clopper and E. S. Pearson, "The
   * use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26,
   * 1934), in favour of either model.
   *
   * @throws IllegalArgumentException without images
   */
  public Interval dropInterval(long seed) {
    if (images() == 0) {
      throw new IllegalArgumentException("an interval over no images");
    }
    if (discordant() == 0) {
      double most = unseen();
      return new Interval(-most, most);
    }
    return PairedBootstrap.interval(this, LEVEL, seed);
  }

  /**
   * The images that it takes to show a difference in accuracy, with {@link #POWER}, at the level of
   * {@link #LEVEL}: {@code n = (z(1 − α/2) √ψ + z(power) √(ψ − δ²))² / δ²} for discordant images in
   * a share {@code ψ} of all (R. J. Connor, "Sample size for testing differences in proportions for
   * the paired-sample design", Biometrics 43, 1987). The share is the one seen here; where none was
   * seen, the largest that goes with that.
   *
   * @param difference {@code δ}, above 0; a share of all images
   */
  public long imagesToShow(double difference) {
    if (!(difference > 0)) {
      throw new IllegalArgumentException("a difference of " + difference);
    }
    // No fewer images can disagree than make the difference.
    double psi = Math.max(discordantShare(), difference);
    double root =
        alphaQuantile() * Math.sqrt(psi)
            + Interval.normalQuantile(POWER) * Math.sqrt(psi - difference * difference);
    return (long) Math.ceil(root * root / (difference * difference));
  }

  /**
   * The least difference in accuracy that as many images as these show, as {@link #imagesToShow}
   * computes it: the {@code δ} for which it returns {@link #images}.
   */
  public double smallestShown() {
    double low = 1e-9;
    double high = 1;
    while (high / low > 1 + 1e-9) {
      double middle = Math.sqrt(low * high);
      if (imagesToShow(middle) > images()) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return high;
  }

  private double discordantShare() {
    return discordant() == 0 ? unseen() : (double) discordant() / images();
  }

  private double unseen() {
    return 1 - Math.pow((1 - LEVEL) / 2, 1.0 / images());
  }

  private static double alphaQuantile() {
    return Interval.normalQuantile((1 + LEVEL) / 2);
  }
}
