/**
 * The stage that turns a folder of images into a dataset: {@link dev.octavo.ingest.Ingest}.
 *
 * <p>The driver lists names and sizes, decides splits ({@code Plan}) and cuts the work by bytes;
 * the executors read each file once, decode it to see that it is whole, hash it, and write rows.
 * Files that can't become rows go to the quarantine with their reason, and the counts must add up
 * to the files seen before anything is published.
 *
 * <p>{@link dev.octavo.ingest.TableIngest} does the same for the rows of a table, which the
 * estimators of {@code ml} give it too.
 */
package dev.octavo.ingest;
