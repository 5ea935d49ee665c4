/**
 * Tables of others, which {@code score} reads images from and appends predictions to: opened by
 * their path or their name in Spark's catalog, and the packages that their formats need.
 */
package dev.octavo.table;
