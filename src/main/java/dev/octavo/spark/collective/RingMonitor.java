package dev.octavo.spark.collective;

import java.time.Duration;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;

/**
 * The lock under which a ring's state changes, and the one place where its task waits for that. A
 * wait ends with what was waited for, with the failure that came in between, with the time-out, or
 * with Spark's wish to kill the task.
 */
final class RingMonitor {
  private static final long KILL_CHECK_MILLIS = 200;

  private final TaskContext task;
  private final Duration timeout;
  private CollectiveException failure;

  RingMonitor(TaskContext task, Duration timeout) {
    this.task = task;
    this.timeout = timeout;
  }

  /** Changes state and wakes the task. */
  synchronized void update(Runnable change) {
    change.run();
    notifyAll();
  }

  /** Lets this and all later waits fail; the first failure counts. */
  synchronized void fail(CollectiveException reason) {
    if (failure == null) {
      failure = reason;
      notifyAll();
    }
  }

  /**
   * Waits until {@code condition}, evaluated under the lock, gives a value.
   *
   * @param condition null as long as there is nothing
   * @param whom names who is waited for, as in {@code worker 1 (executor 0 on host)}
   * @param grace added to the time-out, for those who only wait for another's verdict
   */
  synchronized <T> T await(Supplier<T> condition, Supplier<String> whom, Duration grace) {
    long deadline = System.nanoTime() + timeout.plus(grace).toNanos();
    while (true) {
      if (failure instanceof CollectiveException.Aborted) {
        throw new CollectiveException.Aborted(failure.getMessage());
      }
      T value = condition.get();
      if (value != null) {
        return value;
      }
      if (failure != null) {
        throw new CollectiveException(failure.getMessage(), failure);
      }
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new CollectiveException(
            "no word from %s for %d s: is the executor alive, or much slower than the others?"
                .formatted(whom.get(), timeout.plus(grace).toSeconds()));
      }
      task.killTaskIfInterrupted();
      try {
        wait(Math.min(left, KILL_CHECK_MILLIS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CollectiveException("interrupted while waiting for " + whom.get(), e);
      }
    }
  }

  /** Waits without grace. */
  <T> T await(Supplier<T> condition, Supplier<String> whom) {
    return await(condition, whom, Duration.ZERO);
  }
}
