package dev.octavo.dataset;

import dev.octavo.OctavoException;
import dev.octavo.artifact.ParquetRows;
import dev.octavo.image.Preprocess;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.parquet.example.data.Group;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Images of a dataset as batches on the driver: executors decode and crop them once and keep the
 * pixels, the driver takes one partition's pixels at a time.
 */
public final class DatasetImages implements EvaluationImages, AutoCloseable {
  private static final List<String> COLUMNS =
      List.of(DatasetSchema.PATH, DatasetSchema.LABEL_ID, DatasetSchema.IMAGE);

  /** In place of the label of an image that has none. */
  private static final int NO_LABEL = -1;

  private final JavaRDD<Tuple2<Integer, byte[]>> pixels;
  private final Preprocessing preprocessing;
  private final int batchSize;

  /** All images of a split. */
  public DatasetImages(
      DatasetArtifact data, String split, Preprocessing preprocessing, int batchSize) {
    this(data, split, path -> true, preprocessing, batchSize);
  }

  /** The images of a split that have one of these paths. */
  public DatasetImages(
      DatasetArtifact data,
      String split,
      Collection<String> paths,
      Preprocessing preprocessing,
      int batchSize) {
    this(data, split, new HashSet<>(paths)::contains, preprocessing, batchSize);
  }

  private DatasetImages(
      DatasetArtifact data, String split, Paths paths, Preprocessing preprocessing, int batchSize) {
    this.preprocessing = preprocessing;
    this.batchSize = batchSize;
    this.pixels =
        data.read(
                List.of(split),
                COLUMNS,
                (of, row) -> {
                  String path = row.getString(DatasetSchema.PATH, 0);
                  return paths.contain(path)
                      ? Optional.of(image(path, row, preprocessing))
                      : Optional.empty();
                })
            .persist(StorageLevel.MEMORY_AND_DISK());
  }

  /** The paths of the images that are wanted. */
  private interface Paths extends Serializable {
    boolean contain(String path);
  }

  private static Tuple2<Integer, byte[]> image(
      String path, Group row, Preprocessing preprocessing) {
    int label =
        ParquetRows.has(row, DatasetSchema.LABEL_ID)
            ? row.getInteger(DatasetSchema.LABEL_ID, 0)
            : NO_LABEL;
    return new Tuple2<>(
        label, crop(path, row.getBinary(DatasetSchema.IMAGE, 0).getBytes(), preprocessing));
  }

  @Override
  public void forEach(Consumer<Batch> consumer) {
    pixels.foreachPartition(partition -> {}); // all at once; what follows is one after the other
    Iterator<Tuple2<Integer, byte[]>> images = pixels.toLocalIterator();
    int size = preprocessing.cropSize();
    ByteBuffer buffer = ByteBuffer.allocateDirect(batchSize * preprocessing.bytes());
    while (images.hasNext()) {
      int[] labels = new int[batchSize];
      int n = 0;
      buffer.clear();
      while (n < batchSize && images.hasNext()) {
        Tuple2<Integer, byte[]> image = images.next();
        labels[n++] = image._1;
        buffer.put(image._2);
      }
      buffer.flip();
      consumer.accept(
          new Batch(
              Tensor.of(DType.UINT8, new long[] {n, size, size, 3}, buffer),
              Arrays.copyOf(labels, n)));
    }
  }

  /**
   * The pixels of a file of the dataset, whose limits ingest has applied.
   *
   * @throws OctavoException if it can't be decoded
   */
  public static byte[] crop(String path, byte[] file, Preprocessing preprocessing) {
    Preprocess preprocess = Preprocess.evaluation(preprocessing);
    ByteBuffer out = ByteBuffer.allocate(preprocess.bytes());
    try {
      preprocess.apply(ImageDecoder.decode(file, DecodeLimits.NONE), out);
    } catch (UndecodableImageException e) {
      throw new OctavoException(
          "%s in the dataset can't be decoded (%s): ingest it again"
              .formatted(path, e.getMessage()),
          e);
    }
    return out.array();
  }

  /** Lets the executors forget the pixels. */
  @Override
  public void close() {
    pixels.unpersist();
  }
}
