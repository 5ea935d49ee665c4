package dev.octavo.train.optim;

import java.util.Map;

/**
 * Exponential moving average of the weights of a slice (Polyak averaging): <i>a ← a + (1 - d) (w -
 * a)</i> after each update, with <i>d = min(decay, (1 + t) / (10 + t))</i> in update <i>t</i>, so
 * that the start is soon forgotten. Running statistics of batch norm are averages already and are
 * left as they are.
 */
sealed class MovingAverage {
  private final double decay;
  private final float[] average;

  private MovingAverage(double decay, float[] average) {
    this.decay = decay;
    this.average = average;
  }

  /** An average that starts at {@code weights}; with a decay of 0, the weights themselves. */
  static MovingAverage of(double decay, float[] weights) {
    return decay == 0 ? new None(weights) : new MovingAverage(decay, weights.clone());
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

  /** The vectors that a checkpoint saves and writes back, by name; not copies. */
  Map<String, float[]> state() {
    return Map.of("ema", average);
  }

  /** No average: the weights as they are. */
  private static final class None extends MovingAverage {
    None(float[] weights) {
      super(0, weights);
    }

    @Override
    void add(float[] weights, long update) {}

    @Override
    Map<String, float[]> state() {
      return Map.of();
    }
  }
}
