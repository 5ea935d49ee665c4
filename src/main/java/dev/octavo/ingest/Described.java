package dev.octavo.ingest;

import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.NearDuplicates;
import dev.octavo.dataset.NearDuplicates.Image;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** A written row without its image. */
record Described(String split, String path, String label, String sha256, long phash) {
  static final Comparator<Described> ORDER =
      Comparator.comparing(Described::split).thenComparing(Described::path);

  /**
   * Rows that the driver counts itself, read once: 300 bytes × 200,000 = 60 MB. Spark takes half a
   * second for each of its queries, and several are needed.
   */
  static final int MOST_COLLECTED = 200_000;

  /** Others that an image's near duplicates list. */
  private static final int MOST_ALIKE = 10;

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

  /**
   * The pairs of images in different splits, {@code extra} left out, that are nearly the same, as
   * {@link DatasetSchema#NEAR_DUPLICATES}: the split of the first comes before the other's, and of
   * many others the most alike are listed.
   */
  static List<Row> nearDuplicates(List<Described> rows) {
    NearDuplicates search = new NearDuplicates(MOST_ALIKE);
    List<Image> images =
        rows.stream()
            .filter(row -> !row.split().equals(DatasetSchema.EXTRA))
            .sorted(ORDER)
            .map(row -> new Image(row.split, row.path, row.label, row.sha256, row.phash))
            .toList();
    images.forEach(search::add);
    List<Row> pairs = new ArrayList<>();
    for (Image image : images) {
      Map<Image, Integer> others = new HashMap<>();
      search.of(
          image,
          (other, bits) -> {
            if (image.split().compareTo(other.split()) < 0) {
              others.put(other, bits);
            }
          });
      others.entrySet().stream()
          .sorted(
              Map.Entry.<Image, Integer>comparingByValue()
                  .thenComparing(entry -> entry.getKey().path()))
          .limit(MOST_ALIKE)
          .map(entry -> pair(image, entry.getKey(), entry.getValue()))
          .forEach(pairs::add);
    }
    return pairs;
  }

  private static Row pair(Image image, Image other, int bits) {
    return RowFactory.create(
        image.split(),
        image.path(),
        image.label(),
        other.split(),
        other.path(),
        other.label(),
        bits);
  }

  /** As in {@code train/gym/1.jpg}. */
  String name() {
    return split + "/" + path;
  }
}
