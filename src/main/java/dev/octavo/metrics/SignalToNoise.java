package dev.octavo.metrics;

/**
 * Signal to quantization noise, as the two sums that it is made of:
 *
 * <p>{@code SQNR = 10 · log10( Σ reference² / Σ (reference − approximation)² )} decibels.
 *
 * @param signal {@code Σ reference²}
 * @param noise {@code Σ (reference − approximation)²}
 */
public record SignalToNoise(double signal, double noise) {
  /** Nothing summed yet. */
  public static final SignalToNoise NONE = new SignalToNoise(0, 0);

  /** Refuses sums that no finite values can have. */
  public SignalToNoise {
    if (!(signal >= 0 && noise >= 0) || Double.isInfinite(signal) || Double.isInfinite(noise)) {
      throw new IllegalArgumentException(
          "signal %s and noise %s must be finite sums of squares".formatted(signal, noise));
    }
  }

  /**
   * The sums over two arrays of equal length.
   *
   * @throws IllegalArgumentException if the lengths differ or a value is not finite
   */
  public static SignalToNoise of(float[] reference, float[] approximation) {
    if (reference.length != approximation.length) {
      throw new IllegalArgumentException(
          "%d reference values but %d approximations"
              .formatted(reference.length, approximation.length));
    }
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < reference.length; i++) {
      double difference = (double) reference[i] - approximation[i];
      signal += (double) reference[i] * reference[i];
      noise += difference * difference;
    }
    return new SignalToNoise(signal, noise);
  }

  /** The sum of two parts. */
  public SignalToNoise plus(SignalToNoise other) {
    return new SignalToNoise(signal + other.signal, noise + other.noise);
  }

  /**
   * The ratio in decibels: positive infinity without noise, negative infinity for noise without a
   * signal, {@code NaN} for neither.
   */
  public double decibels() {
    return 10 * Math.log10(signal / noise);
  }
}
