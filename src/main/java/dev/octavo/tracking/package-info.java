/**
 * The trackers of a training run's figures besides the console and {@code history.csv}: the tools
 * that people compare runs with.
 *
 * <p>{@link dev.octavo.tracking.RunTracker} is what the training stage talks to: {@code start} once
 * with the settings, {@code epoch} after each epoch, {@code end} once. {@link
 * dev.octavo.tracking.TensorBoardWriter} writes event files for TensorBoard to any Hadoop file
 * system, {@link dev.octavo.tracking.MlflowTracker} talks to an MLflow server. {@link
 * dev.octavo.tracking.RunTracker#all} makes one of several.
 *
 * <p>Tracking serves training and never the other way round. A directory or server that can't be
 * used is an error before the first step, when the user is still looking and may have mistyped it;
 * after that it is one warning, and training goes on. Epochs are handed to a thread of their own,
 * so a server that hangs holds nobody up.
 *
 * <h2>Names of figures</h2>
 *
 * <p>{@code group/figure}, since both tools draw figures of a group together: {@code train/loss},
 * {@code val/top1}, {@code val/mean_per_class_accuracy}, {@code time/compute_ms}; {@code
 * learning_rate} and {@code epoch} stand alone. MLflow allows letters, digits and {@code _-. /} in
 * them. The horizontal axis is the number of optimizer steps.
 *
 * <h2>What is written here rather than brought in</h2>
 *
 * <p>The event format is a dozen protobuf fields in length-prefixed records ({@code EventEncoder},
 * {@code TfRecords}). Spark's class path has a protobuf library only by accident (through Tink) and
 * in versions that differ between distributions, so the few wire types are written by hand ({@link
 * dev.octavo.protobuf}). MLflow's own Java client has no time-outs, and sleeps and retries for
 * minutes where a server asks it to slow down; {@code MlflowApi} makes the same REST calls with the
 * JDK's HTTP client and fails in time.
 *
 * <p>Nothing here knows Spark, or any other package of Octavo but that one.
 */
package dev.octavo.tracking;
