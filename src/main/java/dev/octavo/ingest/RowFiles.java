package dev.octavo.ingest;

import dev.octavo.dataset.DatasetSchema;
import java.util.Arrays;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The writer of rows with images as Parquet. */
final class RowFiles {
  /** The columns within one split's directory, whose name holds the split. */
  static final StructType COLUMNS =
      new StructType(
          Arrays.stream(DatasetSchema.ROWS.fields())
              .filter(field -> !field.name().equals(DatasetSchema.SPLIT))
              .toArray(StructField[]::new));

  private RowFiles() {}

  static void write(Dataset<Row> rows, Path target) {
    writer(rows).parquet(target.toString());
  }

  /** Writes rows of all splits, each into its directory. */
  static void writeSplits(Dataset<Row> rows, Path images) {
    writer(rows).partitionBy(DatasetSchema.SPLIT).parquet(images.toString());
  }

  private static DataFrameWriter<Row> writer(Dataset<Row> rows) {
    return rows.write()
        // Row groups small enough for a reader to hold, and sizes checked after each row: Parquet's
        // defaults look after every hundredth, which is too late when rows are megabytes.
        .option("parquet.block.size", String.valueOf(32L << 20))
        .option("parquet.block.size.row.check.min", "1")
        .option("parquet.page.size.row.check.min", "1")
        // A dictionary of values of which no two are equal only costs time.
        .option("parquet.enable.dictionary#" + DatasetSchema.IMAGE, "false")
        .option("parquet.enable.dictionary#" + DatasetSchema.PATH, "false")
        .option("parquet.enable.dictionary#" + DatasetSchema.SHA256, "false");
  }
}
