package dev.octavo.quantize;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.image.Preprocess;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Consumer;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * Images of a dataset as batches on the driver: executors decode and crop them once and keep the
 * pixels, the driver takes one partition's pixels at a time.
 */
final class DatasetImages implements EvaluationImages, AutoCloseable {
  private final Dataset<Tuple2<Integer, byte[]>> pixels;
  private final Preprocessing preprocessing;
  private final int batchSize;

  DatasetImages(Dataset<Row> rows, Preprocessing preprocessing, int batchSize) {
    this.preprocessing = preprocessing;
    this.batchSize = batchSize;
    this.pixels =
        rows.select(col(DatasetSchema.PATH), col(DatasetSchema.LABEL_ID), col(DatasetSchema.IMAGE))
            .map(
                (MapFunction<Row, Tuple2<Integer, byte[]>>)
                    row ->
                        new Tuple2<>(
                            row.getInt(1), crop(row.getString(0), row.getAs(2), preprocessing)),
                Encoders.tuple(Encoders.INT(), Encoders.BINARY()))
            .persist(StorageLevel.MEMORY_AND_DISK());
  }

  @Override
  public void forEach(Consumer<Batch> consumer) {
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

  private static byte[] crop(String path, byte[] file, Preprocessing preprocessing) {
    Preprocess preprocess = Preprocess.evaluation(preprocessing);
    ByteBuffer out = ByteBuffer.allocate(preprocess.bytes());
    try {
      preprocess.apply(ImageDecoder.decode(file, DecodeLimits.NONE), out);
    } catch (UndecodableImageException e) {
      throw new OctavoException(
          "%s in the dataset can't be decoded (%s): ingest it anew".formatted(path, e.getMessage()),
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
