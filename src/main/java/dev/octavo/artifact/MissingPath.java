package dev.octavo.artifact;

import dev.octavo.Nearest;
import java.io.IOException;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** Suggests the path that may have been meant by one that doesn't exist. */
public final class MissingPath {
  /** Of a folder with more entries, only these are looked at. */
  private static final int MOST_ENTRIES = 10_000;

  private MissingPath() {}

  /**
   * {@code ": did you mean 'x'?"} with the nearest name beside the first part of {@code path} that
   * isn't there; empty where none is near or the folder can't be listed.
   */
  public static String hint(FileSystem fs, Path path) {
    try {
      Path missing = path;
      while (missing.getParent() != null && !fs.exists(missing.getParent())) {
        missing = missing.getParent();
      }
      Path folder = missing.getParent();
      if (folder == null) {
        return "";
      }
      String rest = path.toString().substring(missing.toString().length());
      String typed = missing.getName();
      // Nearer than with options: any two short names of folders are a few letters apart.
      Optional<Path> near =
          Nearest.to(typed, names(fs, folder))
              .filter(name -> Nearest.edits(typed, name) <= Math.max(1, typed.length() / 3))
              .map(name -> new Path(folder, name));
      if (near.isEmpty()) {
        return "";
      }
      Path whole = new Path(near.get() + rest);
      return ": did you mean '%s'?".formatted(fs.exists(whole) ? whole : near.get());
    } catch (IOException | IllegalArgumentException e) {
      return ""; // the path is missing all the same, which is what matters
    }
  }

  private static SortedSet<String> names(FileSystem fs, Path folder) throws IOException {
    SortedSet<String> names = new TreeSet<>();
    RemoteIterator<FileStatus> entries = fs.listStatusIterator(folder);
    while (names.size() < MOST_ENTRIES && entries.hasNext()) {
      names.add(entries.next().getPath().getName());
    }
    return names;
  }
}
