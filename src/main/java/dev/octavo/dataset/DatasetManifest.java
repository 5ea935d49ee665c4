package dev.octavo.dataset;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.image.codec.DecodeLimits;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The settings in the manifest of a dataset: its classes, and all that decides which image is in
 * which split.
 *
 * @param classes sorted: {@code label_id} is the index in this list
 * @param images the folder or table that was read
 * @param seed of the random part of the splitting
 * @param limits beyond which a file is quarantined
 * @param lists the lists of train and test; empty without
 * @param split what decided the splits otherwise, in words
 * @param table the columns, where a table was read
 */
@RecordBuilder
public record DatasetManifest(
    List<String> classes,
    Path images,
    long seed,
    DecodeLimits limits,
    Optional<Lists> lists,
    Optional<String> split,
    Optional<Table> table) {
  private static final int MAX_CLASSES = 1_000_000;

  /**
   * The lists of train and test.
   *
   * @param trainSha256 of the list's bytes
   * @param testSha256 of the list's bytes
   * @param valFraction of train that became val
   */
  public record Lists(String trainSha256, String testSha256, double valFraction) {}

  /**
   * The columns of a table.
   *
   * @param format that Spark read it in
   * @param image the bytes of image files
   * @param label the class
   * @param path the name of the row; empty for one made of its class and its image's hash
   * @param split the split; empty for a choice by chance
   */
  public record Table(
      String format, String image, String label, Optional<String> path, Optional<String> split) {}

  /**
   * Checks them.
   *
   * @throws InvalidSetting if a class has no name, or two have the same
   */
  public DatasetManifest {
    classes = List.copyOf(classes);
    InvalidSetting.require(
        !classes.isEmpty()
            && classes.size() <= MAX_CLASSES
            && classes.stream().noneMatch(String::isBlank)
            && new HashSet<>(classes).size() == classes.size(),
        "classes",
        classes,
        "a list of 1 to %d different names".formatted(MAX_CLASSES));
    Objects.requireNonNull(images, "images");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(lists, "lists");
    Objects.requireNonNull(split, "split");
    Objects.requireNonNull(table, "table");
  }

  /**
   * Reads them from the manifest of the dataset in a directory.
   *
   * @throws dev.octavo.OctavoException if one is missing or wrong
   */
  public static DatasetManifest read(Manifest manifest, Path directory) {
    String source = new Path(directory, Manifest.FILE_NAME).toString();
    return RecordEntries.read(DatasetManifest.class, manifest.settings(source));
  }
}
