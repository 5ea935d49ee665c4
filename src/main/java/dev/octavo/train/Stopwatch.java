package dev.octavo.train;

/** Splits a worker's time into what it is spent on. */
final class Stopwatch {
  private long computeNanos;
  private long communicationNanos;
  private long waitNanos;
  private long last = System.nanoTime();

  private long lap() {
    long now = System.nanoTime();
    long lap = now - last;
    last = now;
    return lap;
  }

  /** The time since the last call of any of these went into computing. */
  void compute() {
    computeNanos += lap();
  }

  /** It went into the exchange. */
  void communication() {
    communicationNanos += lap();
  }

  /** It went into waiting for pictures. */
  void waiting() {
    waitNanos += lap();
  }

  double computeMillis() {
    return computeNanos / 1e6;
  }

  double communicationMillis() {
    return communicationNanos / 1e6;
  }

  double waitMillis() {
    return waitNanos / 1e6;
  }

  double totalSeconds() {
    return (computeNanos + communicationNanos + waitNanos) / 1e9;
  }
}
