package dev.octavo.train.optim;

/**
 * Exponential moving average of the weights of a slice (Polyak averaging): <i>a ← a + (1 - d) (w -
 * a)</i> after each update, with <i>d = min(decay, (1 + t) / (10 + t))</i> in update <i>t</i>, so
 * that the start is soon forgotten. Running statistics of batch norm are averages already and are
 * left as they are.
 */
final class MovingAverage {
  private final double decay;
  private final float[] average;

  /** An average that starts at {@code weights}. */
  MovingAverage(double decay, float[] weights) {
    this.decay = decay;
    this.average = weights.clone();
  }

  /** Takes the weights after update {@code update}, from 1. */
  void add(float[] weights, long update) {
    float share = (float) (1 - Math.min(decay, (1.0 + update) / (10.0 + update)));
    for (int i = 0; i < average.length; i++) {
      average[i] += share * (weights[i] - average[i]);
    }
  }

  /** The average itself, not a copy. */
  float[] values() {
    return average;
  }
}
