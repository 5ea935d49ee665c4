/**
 * Metrics as plain arithmetic: accuracy, agreement, signal to noise, throughput, quantiles, and how
 * sure they are: intervals, paired tests, calibration. Knows neither Spark nor DJL.
 *
 * <p>Everything that is collected in parts is kept as sums and counts with a {@code plus}, and
 * divided once when it is read: a mean of means is not a mean. A ratio over nothing is {@code NaN},
 * never 0 or 1.
 */
package dev.octavo.metrics;
