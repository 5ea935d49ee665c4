/**
 * Octavo as a library: models in other people's Spark programs, from Java, Scala, Python and SQL.
 *
 * <p>{@link dev.octavo.ml.OctavoClassifier} is a transformer of Spark ML, {@link
 * dev.octavo.ml.OctavoFunctions} registers a function for SQL, {@link
 * dev.octavo.ml.OctavoExtensions} does so by configuration alone. All of them predict with what
 * scoring predicts with, {@link dev.octavo.inference}: the same images give the same classes.
 */
package dev.octavo.ml;
