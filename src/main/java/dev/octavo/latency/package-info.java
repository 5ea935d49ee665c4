/**
 * Milliseconds per image: {@link dev.octavo.latency.AlternatingBenchmark} times models against each
 * other in rounds, on the driver for {@code bench} and on executors for {@code score}.
 */
package dev.octavo.latency;
