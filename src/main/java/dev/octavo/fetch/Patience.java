package dev.octavo.fetch;

import java.time.Duration;

/**
 * A download's patience with its server.
 *
 * @param tries in a row that may end without a byte
 * @param firstWait between the first two of them; each further wait is twice as long
 * @param silence after which a connection counts as broken
 * @param report interval between two messages on progress
 */
record Patience(int tries, Duration firstWait, Duration silence, Duration report) {
  static final Patience DEFAULT =
      new Patience(5, Duration.ofSeconds(2), Duration.ofMinutes(1), Duration.ofSeconds(10));
}
