/**
 * Training: synchronous data-parallel stochastic gradient descent in a Spark barrier stage, one
 * worker per executor. {@link dev.octavo.train.Train} is the stage.
 *
 * <p>Read {@code Trainer} for the training loop, {@code Replica} for the network in native memory,
 * {@code BatchLoader} for the images, {@code ShardedOptimizer} for the exchange, {@code Shards} for
 * who gets which image, {@code Checkpoints} and {@code Attempts} for what happens when something is
 * lost. {@code RATIONALE.md} beside the code says why, {@code docs/training-measurements.md} how
 * far it scales.
 *
 * <h2>One step</h2>
 *
 * <ol>
 *   <li>Each worker computes the gradient of the <i>sum</i> of its batch's losses. A worker that
 *       has run out of images contributes zeros, so nobody waits for a batch that another does not
 *       have.
 *   <li>Losses, hits and counts are summed over the workers; gradients are reduced and scattered:
 *       each worker gets the sum for its slice of the parameters.
 *   <li>It divides by the count, once, and updates its slice. It alone holds the optimizer's state
 *       for it (ZeRO stage 1, Rajbhandari et al. 2020).
 *   <li>The updated slices are gathered by all.
 * </ol>
 *
 * <p>Which images a step sees depends on the seed and the global batch size alone, so <i>N</i>
 * workers do what one does, up to the rounding of sums; the shares of mixup and CutMix are the
 * same, too. {@code Batching} says how.
 *
 * <h2>What is random</h2>
 *
 * <p>The slot of each image, the order in each epoch, the augmentation of each image and the shares
 * of mixup are functions of the seed, and sums are formed in a fixed order: the same seed, data,
 * number of workers and threads give the same loss curve, also in a run that continues from a
 * checkpoint.
 *
 * <h2>{@code history.csv}</h2>
 *
 * <p>One row per epoch. Losses and accuracies (fractions: top-1, top-5, mean over the classes) are
 * over all workers; those of train are over images as they were seen, varied and while the weights
 * moved. {@code step} counts updates since the start; {@code compute_ms}, {@code communication_ms}
 * and {@code wait_ms} are the parts of an average step of an average worker: network and update;
 * exchange, with waiting for slower workers; waiting for decoded images.
 */
package dev.octavo.train;
