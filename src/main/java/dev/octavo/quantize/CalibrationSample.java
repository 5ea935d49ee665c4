package dev.octavo.quantize;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Hashes;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * The images that activation ranges are observed on: some of each class of the train split, a
 * function of the seed and the paths alone.
 *
 * @param paths sorted
 */
record CalibrationSample(List<String> paths) {

  /**
   * Chooses the sample: classes take turns, each giving its images in the order of {@code
   * SHA-256(seed, path)}, until there are {@code images}.
   *
   * @throws OctavoException if the train split is empty
   */
  static CalibrationSample choose(DatasetArtifact data, int images, long seed) {
    List<Row> rows =
        data.split(DatasetSchema.TRAIN)
            .select(col(DatasetSchema.PATH), col(DatasetSchema.LABEL))
            .collectAsList();
    if (rows.isEmpty()) {
      throw new OctavoException(
          "the dataset has no train split to calibrate on: ingest it with lists or --split");
    }
    return choose(
        rows.stream().collect(Collectors.toMap(r -> r.getString(0), r -> r.getString(1))),
        images,
        seed);
  }

  /** The same for given labels by path. */
  static CalibrationSample choose(Map<String, String> labels, int images, long seed) {
    Map<String, List<String>> byClass = new TreeMap<>();
    labels.forEach(
        (path, label) -> byClass.computeIfAbsent(label, l -> new ArrayList<>()).add(path));
    byClass
        .values()
        .forEach(paths -> paths.sort(Comparator.comparing(path -> hash(seed + "/" + path))));
    List<String> chosen = new ArrayList<>();
    for (int turn = 0; chosen.size() < Math.min(images, labels.size()); turn++) {
      for (List<String> paths : byClass.values()) {
        if (turn < paths.size() && chosen.size() < images) {
          chosen.add(paths.get(turn));
        }
      }
    }
    return new CalibrationSample(chosen.stream().sorted().toList());
  }

  /**
   * Refuses a sample of which an image is in the val or the test split as well, byte by byte the
   * same: what is measured there later would be worth less.
   *
   * @throws OctavoException naming such an image
   */
  void requireApartFromHeldOut(DatasetArtifact data) {
    Map<String, String> pathByHash = new TreeMap<>();
    rows(data)
        .select(col(DatasetSchema.PATH), col(DatasetSchema.SHA256))
        .collectAsList()
        .forEach(row -> pathByHash.put(row.getString(1), row.getString(0)));
    List<Row> heldOut =
        data.rows()
            .where(col(DatasetSchema.SPLIT).isin(DatasetSchema.VAL, DatasetSchema.TEST))
            .where(col(DatasetSchema.SHA256).isin(pathByHash.keySet().toArray()))
            .select(col(DatasetSchema.SHA256), col(DatasetSchema.PATH), col(DatasetSchema.SPLIT))
            .collectAsList();
    if (!heldOut.isEmpty()) {
      Row first = heldOut.get(0);
      throw new OctavoException(
          "%d images of val or test are in the calibration sample too (%s is the same file as %s of %s): remove the copies and ingest anew"
              .formatted(
                  heldOut.size(),
                  pathByHash.get(first.getString(0)),
                  first.getString(1),
                  first.getString(2)));
    }
  }

  /** The rows of the sample. */
  Dataset<Row> rows(DatasetArtifact data) {
    return data.split(DatasetSchema.TRAIN).where(col(DatasetSchema.PATH).isin(paths.toArray()));
  }

  /** A hash of the paths, for the manifest. */
  String id() {
    return "sha256:" + hash(String.join("\n", paths));
  }

  private static String hash(String text) {
    return Hashes.sha256(text.getBytes(StandardCharsets.UTF_8));
  }
}
