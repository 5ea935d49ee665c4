/**
 * The results of a run of {@code score}, as {@code score} writes it and {@code report} reads it:
 * the files of a scores artifact, accuracy, latency and throughput as records, and the results
 * table that sets the models side by side. Knows neither Spark nor DJL.
 *
 * <p>A scores artifact holds {@code predictions/} (Parquet, partitioned by model), {@code
 * throughput/} (Parquet) with {@code throughput.csv} beside it, {@code metrics.json} ({@link
 * dev.octavo.results.ScoreMetrics}) and {@code manifest.json}.
 */
package dev.octavo.results;
