package dev.octavo.score;

import dev.octavo.artifact.FileTree;
import dev.octavo.inference.Example;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** A source that was looked through. */
sealed interface InputListing {
  /** Id of the artifact's manifest, null for what is no artifact. */
  String parent();

  /** Files that are no inputs, by reason. */
  default Map<FileTree.Skipped, Long> skipped() {
    return Map.of();
  }

  /**
   * A file, in as little memory as a million of them should take.
   *
   * @param path what names it in the predictions
   * @param length in bytes, negative where there is no such file
   */
  record FileEntry(String path, long length) implements Serializable {}

  /**
   * Files still to be read.
   *
   * @param files sorted by path, no path twice
   * @param input the file to score, under its path
   */
  record Files(
      List<FileEntry> files,
      Function<FileEntry, Example<String>> input,
      Map<FileTree.Skipped, Long> skipped)
      implements InputListing {
    @Override
    public String parent() {
      return null;
    }
  }

  /**
   * Rows that hold their images: columns {@code path}, {@code label}, {@code image}.
   *
   * @param pieces together they are all rows
   */
  record Rows(List<TableSlice> pieces, String parent) implements InputListing {}

  /**
   * Rows that can be read without the others.
   *
   * @param rows with the columns {@code path}, {@code label}, {@code image}
   * @param bytes of the files that hold them, 0 where nobody knows
   */
  record TableSlice(Dataset<Row> rows, long bytes) {}
}
