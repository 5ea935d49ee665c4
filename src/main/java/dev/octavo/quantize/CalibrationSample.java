package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Hashes;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The images that activation ranges are observed on: some of each class of the train split, a
 * function of the seed and the paths alone.
 *
 * @param paths sorted
 */
record CalibrationSample(List<String> paths) {

  /**
   * An image of a dataset that a sample may be chosen from, or must not share.
   *
   * @param path of the row
   * @param label its class
   * @param split train, val or test
   * @param sha256 of the file
   */
  record Image(String path, String label, String split, String sha256) implements Serializable {}

  /** Lists the images of train, val and test, without their pixels. */
  static List<Image> list(DatasetArtifact data) {
    return data.read(
            List.of(DatasetSchema.TRAIN, DatasetSchema.VAL, DatasetSchema.TEST),
            List.of(DatasetSchema.PATH, DatasetSchema.LABEL, DatasetSchema.SHA256),
            (split, row) ->
                Optional.of(
                    new Image(
                        row.getString(DatasetSchema.PATH, 0),
                        row.getString(DatasetSchema.LABEL, 0),
                        split,
                        row.getString(DatasetSchema.SHA256, 0))))
        .collect();
  }

  /**
   * Chooses the sample: classes take turns, each giving its images in the order of {@code
   * SHA-256(seed, path)}, until there are {@code images}.
   *
   * @throws OctavoException if the train split is empty
   */
  static CalibrationSample choose(List<Image> data, int images, long seed) {
    Map<String, String> labels =
        data.stream()
            .filter(image -> image.split().equals(DatasetSchema.TRAIN))
            .collect(Collectors.toMap(Image::path, Image::label));
    if (labels.isEmpty()) {
      throw new OctavoException(
          "the dataset has no train split to calibrate on: ingest it with lists or --split");
    }
    return choose(labels, images, seed);
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
  void requireApartFromHeldOut(List<Image> data) {
    Set<String> sample = new HashSet<>(paths);
    Map<String, String> pathByHash = new TreeMap<>();
    for (Image image : data) {
      if (image.split().equals(DatasetSchema.TRAIN) && sample.contains(image.path())) {
        pathByHash.put(image.sha256(), image.path());
      }
    }
    List<Image> heldOut =
        data.stream()
            .filter(image -> !image.split().equals(DatasetSchema.TRAIN))
            .filter(image -> pathByHash.containsKey(image.sha256()))
            .toList();
    if (!heldOut.isEmpty()) {
      Image first = heldOut.get(0);
      throw new OctavoException(
          "%d images of val or test are in the calibration sample too (%s is the same file as %s of %s): remove the copies and ingest again"
              .formatted(
                  heldOut.size(), pathByHash.get(first.sha256()), first.path(), first.split()));
    }
  }

  /** A hash of the paths, for the manifest. */
  String id() {
    return "sha256:" + hash(String.join("\n", paths));
  }

  private static String hash(String text) {
    return Hashes.sha256(text.getBytes(StandardCharsets.UTF_8));
  }
}
