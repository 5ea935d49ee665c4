/**
 * From the bytes of images to predictions, within one JVM: what scoring a folder on a cluster and
 * classifying a column of a table have in common.
 *
 * <p>A {@link dev.octavo.inference.ModelSet} holds the loaded models of a JVM, shared by its tasks.
 * A task borrows a {@link dev.octavo.inference.Batch} from it, which decodes images into direct
 * buffers, and hands it to each {@link dev.octavo.inference.ScoringModel}. What a prediction holds
 * as columns of a table is in {@link dev.octavo.inference.PredictionColumns}.
 */
package dev.octavo.inference;
