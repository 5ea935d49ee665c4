package dev.octavo.tracking;

import dev.octavo.OctavoException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Takes the figures of one training run, on the driver. Calls come in order: {@link #start}, {@link
 * #epoch} any number of times, {@link #end}.
 *
 * <pre>{@code
 * try (RunTracker tracker = RunTracker.all(trackers, console)) {
 *   tracker.start(settings);
 *   ... tracker.epoch(new EpochFigures(1, 400, Map.of("train/loss", 1.25)));
 *   tracker.end(RunStatus.FINISHED);
 * } // without that end, as after an exception: FAILED
 * }</pre>
 *
 * <p>A run that is resumed starts again, with the epoch after the checkpoint; epochs may come a
 * second time. Implementations may be called from different threads.
 */
public interface RunTracker extends AutoCloseable {
  /**
   * The run begins.
   *
   * @param settings by name; shown as text
   * @throws OctavoException if the figures can't be taken there; the message says why and what to
   *     do
   */
  void start(Map<String, ?> settings);

  /** An epoch is done. Throws nothing: what goes wrong is a warning on the console. */
  void epoch(EpochFigures figures);

  /**
   * The run is over; only the first call counts. Throws nothing: what goes wrong is a warning on
   * the console.
   */
  void end(RunStatus status);

  /** Ends a run that has not been ended as {@link RunStatus#FAILED}. */
  @Override
  default void close() {
    end(RunStatus.FAILED);
  }

  /**
   * All of them as one, at work in the background: {@code epoch} returns at once, {@code end} waits
   * for what is under way, but no longer than 20 seconds. Where the JVM is told to end (SIGTERM,
   * Ctrl-C), the run ends as {@link RunStatus#KILLED}.
   *
   * @param console takes warnings, a line each
   */
  static RunTracker all(List<? extends RunTracker> trackers, Consumer<String> console) {
    return new BackgroundTrackers(trackers, console);
  }
}
