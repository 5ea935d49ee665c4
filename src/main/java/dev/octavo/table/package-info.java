/**
 * Tables of others, which {@code ingest} and {@code score} read images from and {@code score}
 * appends predictions to: opened by their path or their name in Spark's catalog, their columns by
 * name, and the packages that their formats need.
 */
package dev.octavo.table;
