package dev.octavo.metrics;

import java.io.Serializable;

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
public record Temperature(double value) implements Serializable {
  /** The temperature that leaves probabilities as they are. */
  public static final Temperature ONE = new Temperature(1);

  private static final double LEAST_SLOPE = 1e-3;
  private static final double GREATEST_SLOPE = 1e3;
  private static final int STEPS = 100;

  /** Refuses what can't divide. */
  public Temperature {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("a temperature of " + value);
    }
  }

  /** The logit that a value stands for. */
  private interface Logit {
    double of(float value);
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
    return fit(probabilities, labels, Temperature::log);
  }

  /**
   * The same by logits, {@code −log softmax(x / T)[label]}.
   *
   * @param logits of all classes, a row per image; at least one
   * @param labels the true class of each row
   */
  public static Temperature fitToLogits(float[][] logits, int[] labels) {
    return fit(logits, labels, logit -> logit);
  }

  private static Temperature fit(float[][] rows, int[] labels, Logit logit) {
    if (rows.length == 0 || rows.length != labels.length) {
      throw new IllegalArgumentException(
          "%d images with %d labels".formatted(rows.length, labels.length));
    }
    double low = LEAST_SLOPE;
    double high = GREATEST_SLOPE;
    for (int i = 0; i < STEPS && high / low > 1 + 1e-9; i++) {
      double middle = Math.sqrt(low * high);
      if (slope(rows, labels, middle, logit) > 0) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return new Temperature(1 / Math.sqrt(low * high));
  }

  /** {@code Σ (Σ softmax(β x)[c] · x[c] − x[label])} with logits {@code x}. */
  private static double slope(float[][] rows, int[] labels, double beta, Logit logit) {
    double slope = 0;
    for (int i = 0; i < labels.length; i++) {
      float[] row = rows[i];
      double max = logit.of(max(row));
      double sum = 0;
      double mean = 0;
      for (float each : row) {
        double x = logit.of(each);
        double weight = Math.exp(beta * (x - max));
        sum += weight;
        mean += weight * x;
      }
      slope += mean / sum - logit.of(row[labels[i]]);
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

  /** {@code softmax(x / T)} for logits {@code x}. */
  public float[] probabilities(float[] logits) {
    return TopK.softmax(logits, value);
  }

  /**
   * The mean over views of an image of {@code softmax(x / T)}.
   *
   * @param logits of each view, {@code [views][classes]}
   */
  public double[] meanProbabilities(float[][] logits) {
    double[] mean = new double[logits[0].length];
    for (float[] view : logits) {
      double max = max(view);
      double sum = 0;
      for (float logit : view) {
        sum += Math.exp((logit - max) / value);
      }
      for (int c = 0; c < mean.length; c++) {
        mean[c] += Math.exp((view[c] - max) / value) / sum / logits.length;
      }
    }
    return mean;
  }

  private static float max(float[] row) {
    float max = Float.NEGATIVE_INFINITY;
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
