package dev.octavo.fetch;

import dev.octavo.artifact.FileTree;
import dev.octavo.dataset.ListedNames;
import dev.octavo.dataset.SplitLists;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A folder of images, compared with the lists of its dataset.
 *
 * @param files in it
 * @param classes that they are of
 * @param listed how many the lists name
 * @param missing of these, or empty
 */
record ImageCheck(int files, int classes, int listed, List<String> missing) {
  static ImageCheck of(Configuration conf, Path folder, SplitLists lists) throws IOException {
    TreeMap<String, Long> sizes = new TreeMap<>();
    FileTree.visit(
        FileSystem.getLocal(conf),
        folder,
        new FileTree.Visitor() {
          @Override
          public void file(String path, long bytes) {
            sizes.put(path, bytes);
          }

          @Override
          public void problem(String path, FileTree.Problem problem) {}

          @Override
          public void skipped(FileTree.Skipped reason) {}
        });
    SortedSet<String> listed = new TreeSet<>(lists.train());
    listed.addAll(lists.test());
    ListedNames names = new ListedNames(sizes.keySet(), listed);
    List<String> missing = new ArrayList<>();
    for (String name : listed) {
      boolean whole = names.find(name).filter(file -> sizes.get(file) > 0).isPresent();
      if (!whole) {
        missing.add(name);
      }
    }
    long classes =
        sizes.keySet().stream()
            .filter(path -> path.indexOf('/') > 0)
            .map(path -> path.substring(0, path.indexOf('/')))
            .distinct()
            .count();
    return new ImageCheck(sizes.size(), (int) classes, listed.size(), missing);
  }
}
