package dev.octavo.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.dataset.DatasetSchema;
import dev.octavo.spark.LocalCluster;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

final class DuplicatesTest {
  private static final List<Row> ROWS =
      List.of(
          row("train", "a/1", "same", 1),
          row("test", "a/2", "same", 1),
          row("test", "a/3", "same", 1),
          row("train", "b/1", "twice", 2),
          row("train", "b/2", "twice", 2),
          row("train", "c/1", "large", 3),
          row("val", "c/2", "small", 3),
          row("extra", "c/3", "large", 3),
          row("test", "d/1", "alone", 4));

  @Test
  void theDriverCountsWhatExecutorsWould() {
    StructType schema =
        new StructType(
            List.of("split", "path", "label", "sha256", "phash").stream()
                .map(name -> DatasetSchema.ROWS.apply(name))
                .toArray(StructField[]::new));
    Dataset<Row> rows = LocalCluster.session().createDataFrame(ROWS, schema);
    Duplicates expected = new Duplicates(3, 1, 1, List.of("test/a/2 = train/a/1"));
    assertThat(Duplicates.in(Described.read(rows))).isEqualTo(expected);
    assertThat(Duplicates.in(rows)).isEqualTo(expected);
  }

  private static Row row(String split, String path, String sha256, long phash) {
    return RowFactory.create(split, path, path.substring(0, 1), sha256, phash);
  }
}
