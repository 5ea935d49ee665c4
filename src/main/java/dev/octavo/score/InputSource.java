package dev.octavo.score;

import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;

/** Where the images of a run come from. */
public sealed interface InputSource {
  /**
   * A folder tree: every file in it is an input. Its label is the name of the directory it lies in,
   * where a model has a class of that name.
   */
  record Folder(Path directory) implements InputSource {}

  /** The rows of one split of a dataset, with their labels. */
  record Split(Path dataset, String split) implements InputSource {}

  /**
   * A source that was looked through.
   *
   * @param inputs in partitions of about equal work
   * @param count how many there are
   * @param parent id of the artifact's manifest, null for a folder
   */
  record Listed(JavaRDD<Input> inputs, long count, String parent) {}
}
