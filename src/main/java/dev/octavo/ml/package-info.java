/**
 * Octavo as a library: models in other people's Spark programs, from Java, Scala, Python and SQL.
 *
 * <p>{@link dev.octavo.ml.OctavoClassifier} is a transformer of Spark ML, {@link
 * dev.octavo.ml.OctavoFunctions} registers a function for SQL, {@link
 * dev.octavo.ml.OctavoExtensions} does so by configuration alone. All of them predict with what
 * scoring predicts with, {@link dev.octavo.inference}: the same images give the same classes.
 *
 * <p>{@link dev.octavo.ml.OctavoEstimator} trains and {@link dev.octavo.ml.OctavoQuantizer}
 * quantizes on a table: as the command line does, they call the stages {@code ingest}, {@code
 * train} and {@code quantize}, one after the other, on a dataset that they write and remove. {@link
 * dev.octavo.ml.OctavoEvaluator} judges what comes out. Nothing that predicts knows a stage.
 */
package dev.octavo.ml;
