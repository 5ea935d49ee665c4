package dev.octavo.train;

import java.util.Arrays;

/** Splits a worker's time into what it is spent on. */
final class Stopwatch {
  private static final int COMPUTE = 0;
  private static final int COMMUNICATION = 1;
  private static final int WAIT = 2;

  private final TrainAccumulators accumulators;
  private final double[] nanos = new double[3];
  private long last = System.nanoTime();

  /** A watch that also feeds the accumulators. */
  Stopwatch(TrainAccumulators accumulators) {
    this.accumulators = accumulators;
  }

  /** Forgets the sums. */
  void clear() {
    Arrays.fill(nanos, 0);
  }

  /** Leaves out the time since the last call. */
  void start() {
    last = System.nanoTime();
  }

  /** The time since the last call of any of these went into computing. */
  void compute() {
    accumulators.computed(lap(COMPUTE));
  }

  /** It went into the exchange. */
  void communication() {
    accumulators.communicated(lap(COMMUNICATION));
  }

  /** It went into waiting for images. */
  void waiting() {
    accumulators.waited(lap(WAIT));
  }

  private double lap(int purpose) {
    long now = System.nanoTime();
    long lap = now - last;
    nanos[purpose] += lap;
    last = now;
    return lap / 1e6;
  }

  double computeMillis() {
    return nanos[COMPUTE] / 1e6;
  }

  double communicationMillis() {
    return nanos[COMMUNICATION] / 1e6;
  }

  double waitMillis() {
    return nanos[WAIT] / 1e6;
  }

  /** The sums themselves, not a copy: a checkpoint saves them. */
  double[] nanos() {
    return nanos;
  }
}
