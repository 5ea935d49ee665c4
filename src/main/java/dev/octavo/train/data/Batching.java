package dev.octavo.train.data;

import dev.octavo.program.TrainProgram.BatchNorm;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * The batches of an epoch, which don't depend on the number of workers: each image has a slot of
 * the global batch ({@link Shards}), and update <i>i</i> of an epoch takes the <i>i</i>-th image of
 * each slot. A worker computes the slots that it holds.
 *
 * <p>Where batch norm takes its statistics from the batch, a last batch of a single image is joined
 * to the one before: a map of one pixel has one value per channel then, which has no variance. With
 * {@link BatchNorm#SYNC} that is done where the batches of all workers together would be a single
 * image. A share of one image and batches of one image can't be joined; the layers that see one
 * value per channel then normalise with their running statistics, which stay (see {@code
 * TrainProgram}).
 *
 * @param globalBatch images of an update, all workers together; a multiple of {@code accumulate}
 * @param accumulate batches per worker that an update adds up, each of as many slots in a row
 * @param images of the train split
 * @param workers that share them
 * @param unit slots in a row that one worker holds: as many as an image is repeated, twice as many
 *     where images are mixed in pairs
 * @param batchNorm where its statistics come from
 */
public record Batching(
    int globalBatch, int accumulate, int images, int workers, int unit, BatchNorm batchNorm)
    implements Serializable {

  /** Cuts images that no statistics are taken from. */
  static <T> List<List<T>> plain(List<T> images, int batchSize) {
    List<List<T>> batches = new ArrayList<>();
    for (int i = 0; i < images.size(); i += batchSize) {
      batches.add(images.subList(i, Math.min(images.size(), i + batchSize)));
    }
    return batches;
  }

  /** The worker that holds a slot: those of each batch are dealt out in turn. */
  int worker(int slot) {
    return slot % together() / unit % workers;
  }

  /** The first of the slots that have the same images, where each is repeated. */
  int firstAlike(int slot, int repeats) {
    return slot - slot % together() % repeats;
  }

  /**
   * The batches of a worker. It has none after the first that is empty, which others may still
   * have.
   *
   * @param slots its own, with their images in the order of the epoch
   */
  public <T> List<List<T>> cut(SortedMap<Integer, List<T>> slots) {
    List<List<T>> batches = new ArrayList<>();
    for (int number = 0; number < withoutJoining(); number++) {
      int row = number / accumulate;
      int from = number % accumulate * together();
      List<T> batch = new ArrayList<>();
      for (List<T> slot : slots.subMap(from, from + together()).values()) {
        if (row < slot.size()) {
          batch.add(slot.get(row));
        }
      }
      if (!batch.isEmpty()) {
        batches.add(batch);
      }
    }
    int last = batches.size() - 1;
    if (last > 0 && batches.get(last).size() == 1 && joinsSingle(last)) {
      batches.get(last - 1).addAll(batches.remove(last));
    }
    return batches;
  }

  /** The batches of the first worker; nobody has more. */
  public int count() {
    int batches = withoutJoining();
    int left = images - (batches - 1) * together(); // the first worker has one of them or more
    boolean single = left == 1 || (unit == 1 && left <= workers);
    return batches > 1 && single && joinsSingle(batches - 1) ? batches - 1 : batches;
  }

  /** Updates in an epoch. */
  public int updates() {
    return divideUp(count(), accumulate);
  }

  /** The most images that a worker's network sees at once, but for one that is joined. */
  public int batchSize() {
    return Math.min(together(), unit * divideUp(divideUp(together(), unit), workers));
  }

  /** The most images that a batch has. */
  int capacity() {
    return batchNorm == BatchNorm.FROZEN ? batchSize() : batchSize() + 1;
  }

  /** Images of a batch, all workers together. */
  private int together() {
    return globalBatch / accumulate;
  }

  private int withoutJoining() {
    return divideUp(images, together());
  }

  /** Returns whether a batch that is a single image to its worker is joined to the one before. */
  private boolean joinsSingle(int number) {
    return switch (batchNorm) {
      case LOCAL -> batchSize() > 1;
      case SYNC -> together() > 1 && images == number * together() + 1;
      case FROZEN -> false;
    };
  }

  private static int divideUp(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
  }
}
