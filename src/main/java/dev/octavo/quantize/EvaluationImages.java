package dev.octavo.quantize;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.image.DecodeLimits;
import dev.octavo.image.ImageDecoder;
import dev.octavo.image.Preprocess;
import dev.octavo.image.UndecodableImageException;
import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.Consumer;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/**
 * Pictures of a dataset as batches on the driver: executors decode and crop them, the driver takes
 * one partition's pixels at a time.
 */
final class EvaluationImages {
  private final Dataset<Row> rows;
  private final int imageSize;
  private final int batchSize;

  EvaluationImages(Dataset<Row> rows, int imageSize, int batchSize) {
    this.rows = rows;
    this.imageSize = imageSize;
    this.batchSize = batchSize;
  }

  /**
   * Some pictures and their labels.
   *
   * @param images {@code uint8 [N, H, W, 3]}, valid until the next batch
   * @param labels {@code N} class indices
   */
  record Batch(Tensor images, int[] labels) {}

  /** Hands all batches to a consumer, the last one with the rest. */
  void forEach(Consumer<Batch> consumer) {
    int size = imageSize;
    Iterator<Tuple2<Integer, byte[]>> pixels =
        rows.select(col(DatasetSchema.PATH), col(DatasetSchema.LABEL_ID), col(DatasetSchema.IMAGE))
            .map(
                (MapFunction<Row, Tuple2<Integer, byte[]>>)
                    row -> new Tuple2<>(row.getInt(1), crop(row.getString(0), row.getAs(2), size)),
                Encoders.tuple(Encoders.INT(), Encoders.BINARY()))
            .toLocalIterator();
    int bytes = size * size * 3;
    ByteBuffer buffer = ByteBuffer.allocateDirect(batchSize * bytes);
    while (pixels.hasNext()) {
      int[] labels = new int[batchSize];
      int n = 0;
      buffer.clear();
      while (n < batchSize && pixels.hasNext()) {
        Tuple2<Integer, byte[]> picture = pixels.next();
        labels[n++] = picture._1;
        buffer.put(picture._2);
      }
      buffer.flip();
      consumer.accept(
          new Batch(
              Tensor.of(DType.UINT8, new long[] {n, size, size, 3}, buffer),
              Arrays.copyOf(labels, n)));
    }
  }

  private static byte[] crop(String path, byte[] file, int imageSize) {
    Preprocess preprocess = Preprocess.evaluation(imageSize);
    ByteBuffer out = ByteBuffer.allocate(preprocess.bytes());
    try {
      preprocess.apply(ImageDecoder.decode(file, DecodeLimits.DEFAULT), out);
    } catch (UndecodableImageException e) {
      throw new OctavoException(
          "%s in the dataset can't be decoded (%s): ingest it anew".formatted(path, e.getMessage()),
          e);
    }
    return out.array();
  }
}
