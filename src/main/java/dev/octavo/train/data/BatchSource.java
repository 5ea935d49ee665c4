package dev.octavo.train.data;

import dev.octavo.train.Recipe;
import java.util.List;
import java.util.Optional;

/** The source of a worker's batches. */
public interface BatchSource extends AutoCloseable {
  /**
   * Batches of train images, varied at random.
   *
   * @param firstBatch how many batches of the epoch came before
   */
  Pass training(List<List<ShardStore.Entry>> batches, int epoch, int firstBatch);

  /** Images in the given order as they are. */
  Pass evaluation(List<ShardStore.Entry> order);

  @Override
  void close();

  /** One pass over some images. Take all its batches before the next pass is begun. */
  interface Pass {
    /**
     * The next batch; empty after the last. It is valid until the {@link Recipe#batchesHeld}-th
     * call from here.
     */
    Optional<Batch> next();
  }
}
