package dev.octavo.dataset;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Hashes;
import dev.octavo.artifact.MissingPath;
import dev.octavo.artifact.TextFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The lists of train and test images, as Indoor-67 publishes them: one {@code class/file} per line,
 * with names that hold spaces, dots and apostrophes, and no newline after the last.
 *
 * @param train paths, each with a class
 * @param test paths, each with a class; none is in {@code train}
 * @param repeated lines that repeat an earlier line of the same list, and count once
 * @param trainSha256 of the list's bytes
 * @param testSha256 of the list's bytes
 */
public record SplitLists(
    SortedSet<String> train,
    SortedSet<String> test,
    int repeated,
    String trainSha256,
    String testSha256) {

  /** Checks that no image is in both lists. */
  public SplitLists {
    Objects.requireNonNull(trainSha256, "trainSha256");
    Objects.requireNonNull(testSha256, "testSha256");
    SortedSet<String> both = new TreeSet<>(train);
    both.retainAll(test);
    if (!both.isEmpty()) {
      throw new OctavoException.Usage(
          "%d images are in the train list and in the test list, such as '%s': remove them from one"
              .formatted(both.size(), both.first()));
    }
  }

  /**
   * Reads both lists.
   *
   * @throws OctavoException.Usage if one is missing or empty, or has a line that is no {@code
   *     class/file}
   */
  public static SplitLists read(Configuration conf, Path trainList, Path testList)
      throws IOException {
    byte[] trainBytes = bytes(conf, trainList);
    byte[] testBytes = bytes(conf, testList);
    TreeSet<String> train = new TreeSet<>();
    TreeSet<String> test = new TreeSet<>();
    int repeated = parse(trainBytes, trainList, train) + parse(testBytes, testList, test);
    return new SplitLists(
        train, test, repeated, Hashes.sha256(trainBytes), Hashes.sha256(testBytes));
  }

  private static byte[] bytes(Configuration conf, Path list) throws IOException {
    FileSystem fs = list.getFileSystem(conf);
    try (InputStream in = fs.open(list)) {
      return in.readAllBytes();
    } catch (FileNotFoundException e) {
      throw new OctavoException.Usage(
          "the list %s does not exist%s".formatted(list, MissingPath.hint(fs, list)));
    }
  }

  /** The remedy for a line that is no {@code class/file}; null if it is one. */
  private static String remedy(String line) {
    if (line.startsWith("/") || line.matches("[A-Za-z]:[/\\\\].*|[A-Za-z][A-Za-z0-9+.-]+:/.*")) {
      return ": paths start at the folder of --images, so take what comes before the class away";
    }
    if (line.indexOf('\\') >= 0 && line.indexOf('/') < 0) {
      return ": write / in place of \\";
    }
    return StratifiedSplit.labelOf(line).isBlank() || line.endsWith("/") ? "" : null;
  }

  /** Adds the lines to {@code paths} and returns how many were there already. */
  private static int parse(byte[] list, Path source, SortedSet<String> paths) {
    List<String> lines = TextFiles.lines(list, source);
    int repeated = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank()) {
        continue;
      }
      while (line.startsWith("./")) {
        line = line.substring(2);
      }
      String remedy = remedy(line);
      if (remedy != null) {
        throw new OctavoException.Usage(
            "%s, line %d: '%s' is not a class/file%s".formatted(source, i + 1, line, remedy));
      }
      if (!paths.add(line)) {
        repeated++;
      }
    }
    if (paths.isEmpty()) {
      throw new OctavoException.Usage("the list %s names no images".formatted(source));
    }
    return repeated;
  }
}
