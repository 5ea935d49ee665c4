package dev.octavo.train.data;

import dev.octavo.program.TrainProgram.BatchNorm;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The batches that a worker's share of the train split is cut into.
 *
 * <p>Where batch norm takes its statistics from the batch, a last batch of a single image is joined
 * to the one before: a map of one pixel has one value per channel then, which has no variance. With
 * {@link BatchNorm#SYNC} that is done where the batches of all workers together would be a single
 * image. A share of one image and batches of one image can't be joined; the layers that see one
 * value per channel then normalise with their running statistics, which stay (see {@code
 * TrainProgram}).
 *
 * @param batchSize images of a worker that the network sees at once
 * @param images of the train split
 * @param workers that share them, as {@link Shards} does
 * @param batchNorm where its statistics come from
 */
public record Batching(int batchSize, int images, int workers, BatchNorm batchNorm)
    implements Serializable {

  /** Cuts images that no statistics are taken from. */
  static <T> List<List<T>> plain(List<T> images, int batchSize) {
    return new Batching(batchSize, images.size(), 1, BatchNorm.FROZEN).cut(images);
  }

  /** Cuts what a worker has. */
  public <T> List<List<T>> cut(List<T> share) {
    int count = count(share.size());
    List<List<T>> batches = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int to = i == count - 1 ? share.size() : (i + 1) * batchSize;
      batches.add(share.subList(i * batchSize, to));
    }
    return batches;
  }

  /** The batches of a worker with the largest share; nobody has more. */
  public int count() {
    return count((images + workers - 1) / workers);
  }

  /** The most images that a batch has. */
  int capacity() {
    return batchNorm == BatchNorm.FROZEN ? batchSize : batchSize + 1;
  }

  private int count(int share) {
    int batches = (share + batchSize - 1) / batchSize;
    return joinsLast(share) ? batches - 1 : batches;
  }

  private boolean joinsLast(int share) {
    return switch (batchNorm) {
      case LOCAL -> batchSize > 1 && share > batchSize && share % batchSize == 1;
      case SYNC -> {
        long together = (long) workers * batchSize;
        long whole = images / together;
        yield whole > 0 && images == whole * together + 1 && share == whole * batchSize + 1;
      }
      case FROZEN -> false;
    };
  }
}
