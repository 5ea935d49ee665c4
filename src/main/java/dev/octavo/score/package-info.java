/**
 * Scoring: every model over the same images, on the executors. {@link dev.octavo.score.Score} is
 * the stage.
 *
 * <p>A partition is a list of inputs ({@code ImageFolder} packs files, {@code DatasetSplit} reads
 * rows). In its task one thread alternates between two phases, each on all cores that the task
 * holds ({@code spark.task.cpus}):
 *
 * <pre>
 *   InputReader          Batch                          ScoringModel (one per model)
 *   reads ahead    ──▶   decodes and resizes      ──▶   runs the batch,       ──▶   Prediction rows
 *   (I/O threads)        into direct buffers            softmax and top-k
 * </pre>
 *
 * <p>Why phases, not threads for each step: decoding and inference both keep a core busy, so giving
 * each its own threads needs either more threads than cores or a split of the cores that fits one
 * model and no other. In phases the cores are always full, whatever the ratio, the pixels of one
 * batch are all that is held, and the times add up. Only reading, which waits for disks and
 * networks, runs beside them.
 */
package dev.octavo.score;
