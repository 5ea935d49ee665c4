package dev.octavo.inference;

import java.time.Duration;
import java.util.BitSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * A fixed number of threads that decode, each with scratch memory of its own, while the caller
 * waits. A step that takes longer than the limit is given up: nothing can interrupt a native
 * decoder, so its thread is left alone until it comes back (the limits on pixels see to that it
 * does) and another one takes its place. Since each such thread keeps memory, a JVM may have only a
 * few of them.
 *
 * @param <S> scratch memory of a thread, closed with the pool
 */
final class DecodePool<S extends AutoCloseable> implements AutoCloseable {
  private static final int WAITING = 0;
  private static final int RUNNING = 1;
  private static final int DONE = 2;
  private static final int GIVEN_UP = 3;

  /** The most threads of a JVM that may still be busy with steps that were given up. */
  static final int MAX_ABANDONED = 4;

  private static final AtomicInteger ABANDONED = new AtomicInteger();

  private final int width;
  private final long limitNanos;
  private final Supplier<S> scratch;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Queue<S> idle = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "octavo-decode");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * A pool that has no threads yet.
   *
   * @param width steps that run at the same time
   */
  DecodePool(int width, Duration limit, Supplier<S> scratch) {
    this.width = width;
    this.limitNanos = limit.toNanos();
    this.scratch = scratch;
  }

  /** One piece of work. */
  @FunctionalInterface
  interface Step<S> {
    void run(S scratch, int index);
  }

  /** Too many steps were given up and still run. */
  static final class ExhaustedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int index;

    ExhaustedException(int index) {
      super("step %d can't be given up: %d others still run".formatted(index, MAX_ABANDONED));
      this.index = index;
    }

    /** The step that would be given up next. */
    int index() {
      return index;
    }
  }

  /**
   * Runs the steps 0 to n − 1, each on whichever thread is free.
   *
   * @return the steps that were given up; they may still be running
   * @throws ExhaustedException if too many were abandoned
   */
  BitSet run(int n, Step<S> step) {
    Work work = new Work(n, step);
    for (int t = 0; t < Math.min(width, n); t++) {
      threads.execute(work::drain);
    }
    return work.await();
  }

  private final class Work {
    private final int n;
    private final Step<S> step;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicIntegerArray states;
    private final long[] startNanos;
    private final CountDownLatch open;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final BitSet late = new BitSet();

    Work(int n, Step<S> step) {
      this.n = n;
      this.step = step;
      this.states = new AtomicIntegerArray(n); // all WAITING
      this.startNanos = new long[n];
      this.open = new CountDownLatch(n);
    }

    private void drain() {
      S own = idle.poll();
      if (own == null) {
        own = scratch.get();
      }
      for (int i = next.getAndIncrement(); i < n; i = next.getAndIncrement()) {
        startNanos[i] = System.nanoTime();
        states.compareAndSet(i, WAITING, RUNNING); // publishes the start
        try {
          step.run(own, i);
        } catch (Throwable e) {
          failure.compareAndSet(null, e);
        }
        if (!states.compareAndSet(i, RUNNING, DONE)) {
          ABANDONED.decrementAndGet();
          close(own); // Given up: another thread has gone on in this one's place.
          return;
        }
        open.countDown();
      }
      idle.add(own);
      if (closed.get()) {
        closeIdle();
      }
    }

    BitSet await() {
      try {
        while (!open.await(Math.max(1_000_000, limitNanos / 8), TimeUnit.NANOSECONDS)) {
          giveUp();
        }
      } catch (InterruptedException e) {
        next.set(n);
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while decoding", e);
      }
      if (failure.get() != null) {
        throw new IllegalStateException("decoding failed", failure.get());
      }
      return late;
    }

    private void giveUp() {
      long now = System.nanoTime();
      for (int i = 0; i < n; i++) {
        if (states.get(i) == RUNNING
            && now - startNanos[i] > limitNanos
            && states.compareAndSet(i, RUNNING, GIVEN_UP)) {
          if (ABANDONED.incrementAndGet() > MAX_ABANDONED) {
            next.set(n);
            throw new ExhaustedException(i);
          }
          late.set(i);
          if (next.get() < n) {
            threads.execute(this::drain);
          }
          open.countDown();
        }
      }
    }
  }

  private void closeIdle() {
    for (S own = idle.poll(); own != null; own = idle.poll()) {
      close(own);
    }
  }

  private static void close(AutoCloseable scratch) {
    try {
      scratch.close();
    } catch (Exception e) {
      throw new IllegalStateException("could not free scratch memory", e);
    }
  }

  /** Ends the threads and frees the scratch memory, that of running steps when they end. */
  @Override
  public void close() {
    closed.set(true);
    threads.shutdownNow();
    closeIdle();
  }
}
