/**
 * Datasets: labelled pictures as Parquet, partitioned by split. {@link
 * dev.octavo.dataset.DatasetSchema} fixes the columns, {@link dev.octavo.dataset.DatasetArtifact}
 * reads what {@code ingest} wrote.
 */
package dev.octavo.dataset;
