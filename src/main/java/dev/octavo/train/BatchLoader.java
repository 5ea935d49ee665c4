package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.image.Augmentation;
import dev.octavo.image.DecodeLimits;
import dev.octavo.image.ImageDecoder;
import dev.octavo.image.Preprocess;
import dev.octavo.image.UndecodableImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * Decodes and augments ahead of the steps, on threads of its own, in the order asked for. The
 * number of batches in memory is fixed.
 */
final class BatchLoader implements AutoCloseable {
  /** Ingest has applied the user's limits: what it let pass is decoded. */
  private static final DecodeLimits NO_LIMITS =
      new DecodeLimits((Integer.MAX_VALUE - 8L) / 3, Integer.MAX_VALUE - 8L);

  private final ShardStore store;
  private final int batchSize;
  private final int imageSize;
  private final double labelSmoothing;
  private final int ahead;
  private final ExecutorService threads;
  private final Queue<Batch> free = new ArrayDeque<>();
  private Batch current;

  /**
   * A loader for one consumer.
   *
   * @param classes length of a target
   * @param decoders number of threads
   */
  BatchLoader(ShardStore store, Recipe recipe, int classes, int decoders) {
    this.store = store;
    this.batchSize = recipe.batchSize();
    this.imageSize = recipe.imageSize();
    this.labelSmoothing = recipe.labelSmoothing();
    this.ahead = decoders + 1;
    this.threads =
        Executors.newFixedThreadPool(
            decoders,
            task -> {
              Thread thread = new Thread(task, "octavo-decoder");
              thread.setDaemon(true);
              return thread;
            });
    for (int i = 0; i < ahead + 1; i++) {
      free.add(new Batch(batchSize, imageSize, classes));
    }
  }

  /** The pictures in the given order, cropped and mirrored at random. */
  Pass training(List<ShardStore.Entry> order, long seed, int epoch) {
    return new Pass(
        order,
        () -> Preprocess.training(imageSize, Augmentation.DEFAULT),
        entry -> Preprocess.sampleSeed(seed, epoch, entry.path()));
  }

  /** The pictures in the given order, cropped at the centre. */
  Pass evaluation(List<ShardStore.Entry> order) {
    return new Pass(order, () -> Preprocess.evaluation(imageSize), entry -> 0);
  }

  /** The consumer is done with the batch that it got last. */
  private void recycle() {
    if (current != null) {
      free.add(current);
      current = null;
    }
  }

  @FunctionalInterface
  private interface SampleSeed {
    long of(ShardStore.Entry entry);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** One pass over some pictures. Take all its batches before the next pass is begun. */
  final class Pass {
    private final List<ShardStore.Entry> order;
    private final Supplier<Preprocess> mode;
    private final SampleSeed seeds;
    private final Queue<Future<Batch>> pending = new ArrayDeque<>();
    private int submitted;

    private Pass(List<ShardStore.Entry> order, Supplier<Preprocess> mode, SampleSeed seeds) {
      this.order = order;
      this.mode = mode;
      this.seeds = seeds;
      recycle();
      submit();
    }

    /** The next batch, valid until the next call; empty after the last. Waits if it isn't ready. */
    Optional<Batch> next() {
      recycle();
      if (!pending.isEmpty()) {
        current = await(pending.remove());
        submit();
      }
      return Optional.ofNullable(current);
    }

    private void submit() {
      while (pending.size() < ahead && submitted < order.size()) {
        List<ShardStore.Entry> part =
            order.subList(submitted, Math.min(order.size(), submitted + batchSize));
        Batch batch = free.remove();
        pending.add(threads.submit(() -> fill(batch, part)));
        submitted += part.size();
      }
    }

    private Batch fill(Batch batch, List<ShardStore.Entry> part) throws IOException {
      Preprocess preprocess = mode.get(); // holds scratch memory, so one per thread
      ByteBuffer pixels = batch.clear();
      for (ShardStore.Entry entry : part) {
        try {
          preprocess.apply(
              ImageDecoder.decode(store.read(entry), NO_LIMITS), seeds.of(entry), pixels);
        } catch (UndecodableImageException e) {
          throw new OctavoException(
              "%s can't be decoded: %s; the data set was not made by this version's ingest, make it anew"
                  .formatted(entry.path(), e.getMessage()),
              e);
        }
        batch.add(entry.label());
      }
      batch.smoothTargets(labelSmoothing);
      return batch;
    }

    private Batch await(Future<Batch> batch) {
      try {
        return batch.get();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for a batch", e);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof OctavoException known) {
          throw known;
        }
        throw new IllegalStateException("a batch could not be prepared", e.getCause());
      }
    }
  }
}
