/**
 * From the bytes of images to predictions, within one JVM: what scoring a folder on a cluster and
 * classifying a column of a table have in common.
 *
 * <p>A {@link dev.octavo.inference.ModelSet} holds the loaded models of a JVM, shared by its tasks.
 * A task's {@link dev.octavo.inference.BatchRunner} is given {@linkplain
 * dev.octavo.inference.Example examples}, reads their files ahead, decodes them into the direct
 * buffers of a batch and runs each {@link dev.octavo.inference.ScoringModel} over it. What a
 * prediction holds as columns of a table is in {@link dev.octavo.inference.PredictionColumns}.
 */
package dev.octavo.inference;
