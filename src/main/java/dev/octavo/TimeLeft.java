package dev.octavo;

import java.time.Duration;

/** The end of a progress line: how long the rest will take at the rate so far. */
public final class TimeLeft {
  private static final int MINUTE = 60;

  /** Longer times are in minutes. */
  private static final int MOST_SECONDS = 90;

  private TimeLeft() {}

  /**
   * Estimates the time, as in {@code , about 20 s left}; empty if there is nothing to go by or
   * nothing left.
   *
   * @param done so far, of whatever is counted
   * @param left to be done
   * @param nanos that it took so far
   */
  public static String words(long done, long left, long nanos) {
    if (done <= 0 || left <= 0) {
      return "";
    }
    long seconds = Duration.ofNanos((long) ((double) nanos / done * left)).toSeconds();
    return seconds < MOST_SECONDS
        ? ", about %d s left".formatted(seconds)
        : ", about %d min left".formatted((seconds + MINUTE / 2) / MINUTE);
  }
}
