package dev.octavo.train.data;

import dev.octavo.OctavoException;
import dev.octavo.image.Preprocess;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.augment.Box;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.train.Recipe;
import dev.octavo.train.WorkPlan;
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

/**
 * Decodes and augments ahead of the steps, on threads of its own, in the order asked for. The
 * number of batches in memory is fixed.
 */
public final class BatchLoader implements BatchSource {
  private final ShardStore store;
  private final Recipe recipe;
  private final Targets targets;
  private final int batchSize;
  private final int ahead;
  private final ExecutorService threads;
  private final Queue<Batch> free = new ArrayDeque<>();
  private final Queue<Batch> taken = new ArrayDeque<>();

  /**
   * A loader for one consumer.
   *
   * @param decoders number of threads
   */
  public BatchLoader(ShardStore store, WorkPlan plan, Targets targets, int decoders) {
    this.store = store;
    this.recipe = plan.recipe();
    this.batchSize = plan.batching().batchSize();
    this.targets = targets;
    this.ahead = decoders + 1;
    this.threads =
        Executors.newFixedThreadPool(
            decoders,
            task -> {
              Thread thread = new Thread(task, "octavo-decoder");
              thread.setDaemon(true);
              return thread;
            });
    for (int i = 0; i < ahead + recipe.batchesHeld(); i++) {
      free.add(Batch.ofImages(plan.batching().capacity(), recipe.largestSize(), targets.columns()));
    }
  }

  @Override
  public Pass training(List<List<ShardStore.Entry>> batches, int epoch, int firstBatch) {
    Preprocessing rule = recipe.trainPreprocessing(epoch);
    return new DecodingPass(
        batches,
        (batch, index, part) -> {
          batch.imageSize(rule.cropSize());
          fill(
              batch,
              part,
              Preprocess.training(rule, recipe.augmentation()),
              entry -> Preprocess.sampleSeed(recipe.seed(), epoch, entry.sample()));
          targets.write(batch, mix(batch, rule.cropSize(), epoch, "batch " + (firstBatch + index)));
        });
  }

  @Override
  public Pass evaluation(List<ShardStore.Entry> order) {
    return new DecodingPass(
        Batching.plain(order, batchSize),
        (batch, index, part) -> {
          batch.imageSize(recipe.preprocessing().cropSize());
          fill(batch, part, Preprocess.evaluation(recipe.preprocessing()), entry -> 0);
        });
  }

  /** Mixes the images of each pair; returns the share of itself that each one keeps. */
  private double mix(Batch batch, int side, int epoch, String name) {
    Optional<Box> box = CutMix.box(recipe.loss(), side, recipe.seed(), epoch, name);
    if (box.isPresent()) {
      batch.paste(box.get());
      return 1 - box.get().fractionOf(side);
    }
    double share = Mixup.share(recipe.loss().mixup(), recipe.seed(), epoch, name);
    if (share < 1) {
      batch.mix(share);
    }
    return share;
  }

  /** Writes the images and labels of a batch. */
  private void fill(
      Batch batch, List<ShardStore.Entry> part, Preprocess preprocess, SampleSeed seeds)
      throws IOException {
    ByteBuffer pixels = batch.clear();
    for (ShardStore.Entry entry : part) {
      long seed = seeds.of(entry);
      try {
        preprocess.apply(ImageDecoder.decode(store.read(entry), DecodeLimits.NONE), seed, pixels);
      } catch (UndecodableImageException e) {
        throw new OctavoException(
            "%s can't be decoded: %s; the dataset was not made by this version's ingest: make it again"
                .formatted(entry.path(), e.getMessage()),
            e);
      }
      batch.add(entry.label(), seed);
    }
  }

  /** The consumer is done with all but so many of the batches that it got last. */
  private void recycle(int held) {
    while (taken.size() > held) {
      free.add(taken.remove());
    }
  }

  @FunctionalInterface
  private interface SampleSeed {
    long of(ShardStore.Entry entry);
  }

  @FunctionalInterface
  private interface Filling {
    void fill(Batch batch, int index, List<ShardStore.Entry> part) throws IOException;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private final class DecodingPass implements Pass {
    private final List<List<ShardStore.Entry>> batches;
    private final Filling filling;
    private final Queue<Future<Batch>> pending = new ArrayDeque<>();
    private int submitted;

    DecodingPass(List<List<ShardStore.Entry>> batches, Filling filling) {
      this.batches = batches;
      this.filling = filling;
      recycle(0);
      submit();
    }

    @Override
    public Optional<Batch> next() {
      recycle(recipe.batchesHeld() - 1);
      if (pending.isEmpty()) {
        return Optional.empty();
      }
      Batch batch = await(pending.remove());
      taken.add(batch);
      submit();
      return Optional.of(batch);
    }

    private void submit() {
      while (pending.size() < ahead && submitted < batches.size()) {
        int index = submitted++;
        List<ShardStore.Entry> part = batches.get(index);
        Batch batch = free.remove();
        pending.add(
            threads.submit(
                () -> {
                  filling.fill(batch, index, part);
                  return batch;
                }));
      }
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
