package dev.octavo.ingest;

import dev.octavo.OctavoException;
import dev.octavo.artifact.FileTree;
import dev.octavo.artifact.MissingPath;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files of a folder tree: names and sizes, never contents.
 *
 * @param root qualified
 * @param sizes in bytes, by path relative to the root
 * @param problems files and folders that can't be read, by path relative to the root
 * @param skipped files that are no inputs, by reason. (An underscore doesn't hide: cameras name
 *     files {@code _DSC0001.JPG}.)
 */
record Listing(
    Path root,
    SortedMap<String, Long> sizes,
    SortedMap<String, FileTree.Problem> problems,
    Map<FileTree.Skipped, Long> skipped) {

  static Listing of(Configuration conf, Path folder) throws IOException {
    FileSystem fs = folder.getFileSystem(conf);
    // A Path made of a string, unlike one made of a URI, has no slash at its end.
    Path root = new Path(fs.makeQualified(folder).toString());
    SortedMap<String, Long> sizes = new TreeMap<>();
    SortedMap<String, FileTree.Problem> problems = new TreeMap<>();
    Map<FileTree.Skipped, Long> skipped = new EnumMap<>(FileTree.Skipped.class);
    try {
      if (!fs.getFileStatus(root).isDirectory()) {
        throw new OctavoException.Usage("%s is not a folder".formatted(root));
      }
      FileTree.visit(
          fs,
          root,
          new FileTree.Visitor() {
            @Override
            public void file(String path, long bytes) {
              sizes.put(path, bytes);
            }

            @Override
            public void problem(String path, FileTree.Problem problem) {
              problems.put(path, problem);
            }

            @Override
            public void skipped(FileTree.Skipped reason) {
              skipped.merge(reason, 1L, Long::sum);
            }
          });
    } catch (FileNotFoundException e) {
      throw new OctavoException.Usage(
          "the folder %s does not exist%s".formatted(root, MissingPath.hint(fs, root)));
    }
    if (sizes.isEmpty()) {
      throw new OctavoException.Usage("%s holds no files".formatted(root));
    }
    return new Listing(root, sizes, problems, skipped);
  }

  long bytes() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }
}
