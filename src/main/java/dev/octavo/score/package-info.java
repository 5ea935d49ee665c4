/**
 * Scoring: every model over the same images, on the executors. {@link dev.octavo.score.Score} is
 * the stage.
 *
 * <p>A source ({@code InputSource}: a folder, a list, a table, a dataset) is listed, what has
 * predictions already is left out, and the rest is cut into rounds ({@code Rounds}). A round is
 * scored as one Spark job and committed by one rename ({@code RoundScorer}, {@code
 * ScoresWorkspace}); when all are through, they are measured and published ({@code
 * ScoresPublisher}).
 *
 * <p>In a task one thread alternates between two phases, each on all cores that the task holds
 * ({@code spark.task.cpus}), in {@link dev.octavo.inference.BatchRunner}:
 *
 * <pre>
 *   ReadAhead            Batch                          ScoringModel (one per model)
 *   reads ahead    ──▶   decodes and resizes      ──▶   runs the batch,       ──▶   rows
 *   (I/O threads)        into direct buffers            softmax and top-k
 * </pre>
 *
 * <p>Why phases, not threads for each step: decoding and inference both keep a core busy, so giving
 * each its own threads needs either more threads than cores or a split of the cores that fits one
 * model and no other. In phases the cores are always full, whatever the ratio, the pixels of one
 * batch are all that is held, and the times add up. Only reading, which waits for disks and
 * networks, runs beside them.
 *
 * <p>Why rounds of our own, not Structured Streaming's file source: RATIONALE.md beside this file.
 */
package dev.octavo.score;
