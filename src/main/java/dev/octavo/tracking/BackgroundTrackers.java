package dev.octavo.tracking;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * Several trackers, each with a thread of its own, so that neither training nor another tracker
 * waits for one that is slow. (Epochs arrive on the thread of Spark's listeners, which drops events
 * if it is held up.)
 */
final class BackgroundTrackers implements RunTracker {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Before Spark's own hook (30 above the file systems') stops the job that is tracked. */
  private static final int HOOK_PRIORITY = FileSystem.SHUTDOWN_HOOK_PRIORITY + 40;

  /** A tracker and the only thread that calls it once it is started. */
  private record Lane(RunTracker tracker, ExecutorService thread) {}

  private final List<Lane> lanes;
  private final Consumer<String> console;
  private final Runnable shutdownHook = this::kill; // one object, to remove it by
  private boolean ended;

  BackgroundTrackers(List<? extends RunTracker> trackers, Consumer<String> console) {
    this.console = console;
    this.lanes = trackers.stream().map(t -> new Lane(t, thread())).toList();
  }

  private static ExecutorService thread() {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, "run-tracker");
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Trackers throw nothing; if one does all the same, that must not go unseen. */
  private void submit(Lane lane, Runnable call) {
    lane.thread.execute(
        () -> {
          try {
            call.run();
          } catch (RuntimeException e) {
            console.accept("warning: tracking failed: " + e);
          }
        });
  }

  @Override
  public void start(Map<String, ?> settings) {
    List<RunTracker> started = new ArrayList<>();
    try {
      for (Lane lane : lanes) {
        lane.tracker.start(settings);
        started.add(lane.tracker);
      }
    } catch (RuntimeException e) {
      if (endsNow(lane -> {})) {
        started.forEach(RunTracker::close);
      }
      throw e;
    }
    ShutdownHookManager.get()
        .addShutdownHook(shutdownHook, HOOK_PRIORITY, PATIENCE.toSeconds() + 5, TimeUnit.SECONDS);
  }

  @Override
  public synchronized void epoch(EpochFigures figures) {
    if (!ended) {
      lanes.forEach(lane -> submit(lane, () -> lane.tracker.epoch(figures)));
    }
  }

  @Override
  public void end(RunStatus status) {
    if (!endsNow(lane -> submit(lane, () -> lane.tracker.end(status)))) {
      return;
    }
    try {
      ShutdownHookManager.get().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The JVM is ending: this is that hook, or it has nothing left to do.
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (Lane lane : lanes) {
      await(lane, deadline);
    }
  }

  private void kill() {
    end(RunStatus.KILLED);
  }

  /**
   * Returns whether this call is the one that ends the run; if so, gives each thread its last task.
   */
  private synchronized boolean endsNow(Consumer<Lane> lastTask) {
    if (ended) {
      return false;
    }
    ended = true;
    for (Lane lane : lanes) {
      lastTask.accept(lane);
      lane.thread.shutdown();
    }
    return true;
  }

  private void await(Lane lane, long deadline) {
    try {
      if (lane.thread.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return;
      }
      console.accept(
          "warning: %s took longer than %d seconds at the end; its last figures may be missing"
              .formatted(lane.tracker, PATIENCE.toSeconds()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lane.thread.shutdownNow();
  }
}
