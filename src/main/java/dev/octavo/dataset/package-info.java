/**
 * Datasets: labelled images as Parquet, partitioned by split. {@link
 * dev.octavo.dataset.DatasetSchema} fixes the columns, {@link dev.octavo.dataset.DatasetArtifact}
 * reads what {@code ingest} wrote, {@link dev.octavo.dataset.SplitLists} and {@link
 * dev.octavo.dataset.StratifiedSplit} say which image belongs to which split.
 */
package dev.octavo.dataset;
