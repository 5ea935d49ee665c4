package dev.octavo.engine;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The calls into native libraries. A JVM that is told to end (SIGTERM, Ctrl-C) runs the libraries'
 * destructors under threads that still compute in them, which is a segmentation fault. So it waits
 * for the calls that run, and none begins any more.
 */
final class NativeCalls {
  /** Longer than any call takes; a JVM that waits in vain ends as it would have without. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Calls share it; the end of the JVM takes it for good. */
  private static final ReentrantReadWriteLock LOCK = new ReentrantReadWriteLock();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(NativeCalls::end, "end of native calls"));
  }

  private NativeCalls() {}

  /** Runs a call on this thread; blocks for ever in a JVM that ends. */
  static <T> T call(Supplier<T> call) {
    LOCK.readLock().lock();
    try {
      return call.get();
    } finally {
      LOCK.readLock().unlock();
    }
  }

  /** The same for a call that returns nothing. */
  static void run(Runnable call) {
    call(
        () -> {
          call.run();
          return null;
        });
  }

  private static void end() {
    try {
      if (!LOCK.writeLock().tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
        System.err.println("native code does not return; the JVM ends all the same");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
