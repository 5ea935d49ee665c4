package dev.octavo.dataset;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.image.codec.DecodeLimits;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/** Datasets that tests write without an ingest, and what tests read of datasets. */
public final class Datasets {
  private Datasets() {}

  /** The manifest of a dataset with these classes. */
  public static Manifest manifest(List<String> classes) {
    DatasetManifest settings =
        DatasetManifestBuilder.builder()
            .classes(classes)
            .images(new Path("/photos"))
            .seed(17)
            .limits(DecodeLimits.DEFAULT)
            .lists(Optional.empty())
            .split(Optional.empty())
            .table(Optional.empty())
            .build();
    return Manifest.of(DatasetArtifact.KIND, Map.of(), RecordEntries.of(settings), Map.of());
  }

  /** The rows as texts of some columns, which are separated by {@code ", "}. */
  public static List<String> texts(DatasetArtifact dataset, String columns) {
    return dataset.rows().selectExpr(columns.split(", ", -1)).collectAsList().stream()
        .map(Row::toString)
        .toList();
  }
}
