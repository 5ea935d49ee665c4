/**
 * Milliseconds per image: {@link dev.octavo.bench.AlternatingBenchmark} times models against each
 * other in rounds, wherever it runs; the stage {@code Bench} does so on this machine for every
 * precision of the bundles it is given.
 */
package dev.octavo.bench;
