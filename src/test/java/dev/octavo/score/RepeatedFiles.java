package dev.octavo.score;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder of any number of files that are a few ones again and again, under other names: hard
 * links where the file system has them, so that a million take seconds to make and no space.
 */
final class RepeatedFiles {
  private RepeatedFiles() {}

  /** Where a file goes. */
  @FunctionalInterface
  interface Naming {
    /** The place of file {@code number} below the folder; no other file may have it. */
    Path of(int number, Path original);
  }

  /** Fills a folder, taking the originals in turn. */
  static void fill(Path folder, List<Path> originals, int count, Naming naming) throws IOException {
    Path[] linked = new Path[originals.size()];
    Set<Path> directories = new HashSet<>();
    for (int i = 0; i < count; i++) {
      int which = i % linked.length;
      Path file = folder.resolve(naming.of(i, originals.get(which)));
      if (directories.add(file.getParent())) {
        Files.createDirectories(file.getParent());
      }
      // The originals may be on another file system, so their first copies are what is linked.
      if (linked[which] == null || !link(linked[which], file)) {
        Files.copy(originals.get(which), file);
        linked[which] = file;
      }
    }
  }

  /** Returns false where there can be no link, or no more of them. */
  private static boolean link(Path from, Path to) {
    try {
      Files.createLink(to, from);
      return true;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return false;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** All files of a tree, by path. */
  static List<Path> in(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> files = tree.filter(Files::isRegularFile).sorted().toList();
      if (files.isEmpty()) {
        throw new IllegalArgumentException("there are no files in " + folder);
      }
      return files;
    }
  }
}
