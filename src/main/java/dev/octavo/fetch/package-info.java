/**
 * The stage that brings published data and weights to this machine: {@link dev.octavo.fetch.Fetch}.
 *
 * <p>What is to be had, from where, and how it is known again stands in {@code Publication}. {@code
 * Download} goes on where a broken connection stopped, {@code Unpacker} takes nothing out of an
 * archive but files and folders that stay where they belong, and {@code ImageCheck} compares what
 * came with the lists of the dataset. Nothing here starts Spark.
 */
package dev.octavo.fetch;
