package dev.octavo.metrics;

/**
 * Temperature scaling (C. Guo and others, "On Calibration of Modern Neural Networks", ICML 2017):
 * logits are divided by one number, fitted so that labelled images which the model wasn't trained
 * on become most likely. The answers stay the same, only the confidence in them changes.
 *
 * <p>Probabilities serve as well as logits: their logarithms are the logits but for a constant,
 * which softmax takes away.
 *
 * @param value above 1 makes the model less sure, below 1 more
 */
public record Temperature(double value) {
  private static final double LEAST_SLOPE = 1e-3;
  private static final double GREATEST_SLOPE = 1e3;
  private static final int STEPS = 100;

  /** Refuses what can't divide. */
  public Temperature {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("a temperature of " + value);
    }
  }

  /**
   * The temperature at which the mean of {@code −log softmax(log p / T)[label]} is least. In {@code
   * 1 / T} that mean is convex, so the zero of its slope is found by bisection, between 0.001 and
   * 1,000.
   *
   * @param probabilities of all classes, a row per image; at least one
   * @param labels the true class of each row
   */
  public static Temperature fit(float[][] probabilities, int[] labels) {
    if (probabilities.length == 0 || probabilities.length != labels.length) {
      throw new IllegalArgumentException(
          "%d images with %d labels".formatted(probabilities.length, labels.length));
    }
    double low = LEAST_SLOPE;
    double high = GREATEST_SLOPE;
    for (int i = 0; i < STEPS && high / low > 1 + 1e-9; i++) {
      double middle = Math.sqrt(low * high);
      if (slope(probabilities, labels, middle) > 0) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return new Temperature(1 / Math.sqrt(low * high));
  }

  /** {@code Σ (Σ softmax(β x)[c] · x[c] − x[label])} with {@code x = log p}. */
  private static double slope(float[][] probabilities, int[] labels, double beta) {
    double slope = 0;
    for (int i = 0; i < labels.length; i++) {
      float[] row = probabilities[i];
      double max = log(max(row));
      double sum = 0;
      double mean = 0;
      for (float p : row) {
        double x = log(p);
        double weight = Math.exp(beta * (x - max));
        sum += weight;
        mean += weight * x;
      }
      slope += mean / sum - log(row[labels[i]]);
    }
    return slope;
  }

  /** The confidence in the likeliest class at this temperature. */
  public double confidence(float[] probabilities) {
    double max = log(max(probabilities));
    double sum = 0;
    for (float p : probabilities) {
      sum += Math.exp((log(p) - max) / value);
    }
    return 1 / sum;
  }

  private static float max(float[] row) {
    float max = 0;
    for (float p : row) {
      max = Math.max(max, p);
    }
    return max;
  }

  /** Probabilities too small for a float are taken for the least that isn't. */
  private static double log(float p) {
    return Math.log(Math.max(p, Float.MIN_VALUE));
  }
}
