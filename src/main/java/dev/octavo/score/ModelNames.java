package dev.octavo.score;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** Short names for bundles: as much of the end of each path as tells them all apart. */
final class ModelNames {
  private ModelNames() {}

  /**
   * One name per path, in the same order, as in {@code int8}, or {@code a/int8} and {@code b/int8}.
   */
  static List<String> of(List<Path> paths) {
    int deepest = paths.stream().mapToInt(Path::depth).max().orElse(0);
    for (int parts = 1; parts < deepest; parts++) {
      List<String> names = new ArrayList<>();
      for (Path path : paths) {
        names.add(end(path, parts));
      }
      if (new HashSet<>(names).size() == names.size()) {
        return names;
      }
    }
    return paths.stream().map(Path::toString).toList();
  }

  private static String end(Path path, int parts) {
    Path parent = path.getParent();
    return parts == 1 || parent == null || parent.getName().isEmpty()
        ? path.getName()
        : end(parent, parts - 1) + "/" + path.getName();
  }
}
