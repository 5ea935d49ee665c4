package dev.octavo.dataset;

import dev.octavo.artifact.ParquetRows;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The rows of a dataset, read by tasks without Spark SQL: its first query alone takes seconds to
 * plan and compile.
 */
final class DatasetRows {
  /** As long as a row group that {@code ingest} writes. */
  private static final long RANGE_BYTES = 32L << 20;

  private DatasetRows() {}

  /** The row groups that begin in a range of a file's bytes, which are one task's work. */
  private record FileRange(String split, String file, long from) implements Serializable {}

  /**
   * The rows of some splits, each as the mapper makes it.
   *
   * @param images the directory with one directory for each split
   * @param columns that the mapper gets
   */
  static <T> JavaRDD<T> read(
      JavaSparkContext spark,
      Path images,
      List<String> splits,
      List<String> columns,
      DatasetArtifact.RowMapper<T> mapper)
      throws IOException {
    Configuration conf = spark.hadoopConfiguration();
    List<FileRange> ranges = new ArrayList<>();
    for (String split : splits) {
      Path directory = new Path(images, DatasetSchema.SPLIT + "=" + split);
      for (FileStatus file : ParquetRows.files(conf, directory)) {
        for (long from = 0; from < file.getLen(); from += RANGE_BYTES) {
          ranges.add(new FileRange(split, file.getPath().toString(), from));
        }
      }
    }
    SerializableConfiguration hadoop = new SerializableConfiguration(conf);
    return spark
        .parallelize(ranges, Math.max(1, ranges.size()))
        .mapPartitions(
            (Iterator<FileRange> assigned) -> {
              ParquetRows reader = new ParquetRows(hadoop.value(), columns);
              List<T> rows = new ArrayList<>();
              while (assigned.hasNext()) {
                FileRange range = assigned.next();
                reader.read(
                    new Path(range.file()),
                    range.from(),
                    RANGE_BYTES,
                    (Group row) -> mapper.map(range.split(), row).ifPresent(rows::add));
              }
              return rows.iterator();
            });
  }
}
