package dev.octavo.fetch;

import dev.octavo.TimeLeft;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Tells now and then how far a download is, as in {@code x.tar: 512.0 of 2,592.0 MB, 11.9 MB/s,
 * about 3 min left}.
 */
final class Progress {
  private static final double MEGABYTE = 1e6;

  private final String name;
  private final OptionalLong total;
  private final long interval;
  private final Consumer<String> console;
  private final long start = System.nanoTime();
  private long last = start;
  private long first = -1;

  Progress(String name, OptionalLong total, Duration interval, Consumer<String> console) {
    this.name = name;
    this.total = total;
    this.interval = interval.toNanos();
    this.console = console;
  }

  /** Takes note of the bytes that are there; the first call says where this download starts. */
  void at(long bytes) {
    long now = System.nanoTime();
    if (first < 0 || bytes < first) { // or it had to start over
      first = bytes;
    }
    if (now - last >= interval) {
      last = now;
      console.accept(line(name, bytes - first, bytes, total, now - start));
    }
  }

  static String line(String name, long came, long there, OptionalLong total, long nanos) {
    double perSecond = came * 1e9 / nanos;
    StringBuilder line = new StringBuilder("%s: %,.1f".formatted(name, there / MEGABYTE));
    if (total.isPresent()) {
      line.append(" of %,.1f".formatted(total.getAsLong() / MEGABYTE));
    }
    line.append(" MB, %,.1f MB/s".formatted(perSecond / MEGABYTE));
    total.ifPresent(all -> line.append(TimeLeft.words(came, all - there, nanos)));
    return line.toString();
  }
}
