package dev.octavo.report;

import dev.octavo.artifact.ParquetRows;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.NearDuplicates;
import dev.octavo.dataset.NearDuplicates.Image;
import dev.octavo.report.ReportInputs.Dataset;
import dev.octavo.results.InputSource.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The images of the split that was scored which another split has, too: the same bytes, or nearly
 * the same perceptual hash.
 *
 * @param searched whether the splits were compared: only those of a dataset that is still there
 * @param pairs the surest first; not all of very many
 * @param count of all pairs, where of images of a split that equal each other only the first {@link
 *     #MOST_EQUAL} are counted
 * @param trainedOn paths of the scored images that train has, too
 */
record RepeatedImages(boolean searched, List<Pair> pairs, long count, Set<String> trainedOn) {
  private static final int MOST_LISTED = 200;

  /** Equal images of another split that an image is paired with: a placeholder may be thousands. */
  static final int MOST_EQUAL = 10;

  private static final int MOST_IMAGES = 200_000;
  private static final List<String> SPLITS =
      List.of(DatasetSchema.TRAIN, DatasetSchema.VAL, DatasetSchema.TEST);

  /** Not searched. */
  static final RepeatedImages UNKNOWN = new RepeatedImages(false, List.of(), 0, Set.of());

  /**
   * Two images in different splits.
   *
   * @param scored the one that was scored
   * @param other the other
   * @param bits in which their perceptual hashes differ; −1 for the same bytes
   */
  record Pair(Image scored, Image other, int bits) {
    static final Comparator<Pair> ORDER =
        Comparator.comparingInt(Pair::bits)
            .thenComparing(pair -> pair.scored.path())
            .thenComparing(pair -> pair.other.path());

    /** Returns whether the two have different classes: one of them must be wrong. */
    boolean contradicts() {
      return scored.label() != null
          && other.label() != null
          && !scored.label().equals(other.label());
    }
  }

  /** Searches the dataset of a run, where it is still in place. */
  static RepeatedImages of(Configuration conf, Run run, Optional<Dataset> in) throws IOException {
    if (in.isEmpty()
        || !(run.settings().source() instanceof Split split)
        || !SPLITS.contains(split.split())) {
      return UNKNOWN;
    }
    List<Image> images = new ArrayList<>();
    for (String name : SPLITS) {
      read(conf, in.get().path(), name, images);
      if (images.size() > MOST_IMAGES) {
        return UNKNOWN;
      }
    }
    return among(images, split.split());
  }

  /** Reads what tells images apart, and no image. */
  private static void read(Configuration conf, Path dataset, String split, List<Image> images)
      throws IOException {
    Path rows =
        new Path(new Path(dataset, DatasetArtifact.IMAGES), DatasetSchema.SPLIT + "=" + split);
    ParquetRows parquet =
        new ParquetRows(
            conf,
            List.of(
                DatasetSchema.PATH,
                DatasetSchema.LABEL,
                DatasetSchema.SHA256,
                DatasetSchema.PHASH));
    for (FileStatus file : ParquetRows.files(conf, rows)) {
      parquet.read(
          file.getPath(),
          row -> {
            if (images.size() <= MOST_IMAGES) {
              images.add(
                  new Image(
                      split,
                      row.getString(DatasetSchema.PATH, 0),
                      ParquetRows.string(row, DatasetSchema.LABEL),
                      row.getString(DatasetSchema.SHA256, 0),
                      row.getLong(DatasetSchema.PHASH, 0)));
            }
          });
    }
  }

  /** Compares the images of one split with those of the others. */
  static RepeatedImages among(List<Image> images, String scored) {
    NearDuplicates others = new NearDuplicates(MOST_EQUAL);
    images.stream().filter(image -> !image.split().equals(scored)).forEach(others::add);
    Foremost<Pair> pairs = new Foremost<>(MOST_LISTED, Pair.ORDER);
    Set<String> trainedOn = new HashSet<>();
    for (Image image : images) {
      if (image.split().equals(scored)) {
        others.of(
            image,
            (other, bits) -> {
              pairs.add(new Pair(image, other, bits));
              if (other.split().equals(DatasetSchema.TRAIN)) {
                trainedOn.add(image.path());
              }
            });
      }
    }
    return new RepeatedImages(true, pairs.list(), pairs.seen(), trainedOn);
  }
}
