package dev.octavo.ingest;

import dev.octavo.dataset.DatasetSchema;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A written row without its image. */
record Described(String split, String path, String label, String sha256, long phash) {
  static final Comparator<Described> ORDER =
      Comparator.comparing(Described::split).thenComparing(Described::path);

  /**
   * Rows that the driver counts itself, read once: 300 bytes × 200,000 = 60 MB. Spark takes half a
   * second for each of its queries, and several are needed.
   */
  static final int MOST_COLLECTED = 200_000;

  /** Reads all of them. */
  static List<Described> read(Dataset<Row> rows) {
    return rows
        .select(
            DatasetSchema.SPLIT,
            DatasetSchema.PATH,
            DatasetSchema.LABEL,
            DatasetSchema.SHA256,
            DatasetSchema.PHASH)
        .collectAsList()
        .stream()
        .map(
            row ->
                new Described(
                    row.getString(0),
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getLong(4)))
        .toList();
  }

  /** As in {@code train/gym/1.jpg}. */
  String name() {
    return split + "/" + path;
  }
}
