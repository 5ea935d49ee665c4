package dev.octavo.bundle;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A file of any Hadoop file system for libraries that read local files: the file itself if it is
 * one, else a copy that {@link #close} deletes.
 *
 * @param file on the local file system
 * @param directory that was made for the copy; null if there is none
 */
record LocalCopy(java.nio.file.Path file, java.nio.file.Path directory) implements AutoCloseable {
  /** Takes a file that exists. */
  static LocalCopy of(Configuration conf, Path source) throws IOException {
    return of(conf, source, List.of());
  }

  /** Takes a file that exists, with others that it expects beside it. */
  static LocalCopy of(Configuration conf, Path source, List<Path> others) throws IOException {
    FileSystem fs = source.getFileSystem(conf);
    if (fs.getUri().getScheme().equals("file")) {
      return new LocalCopy(java.nio.file.Path.of(fs.makeQualified(source).toUri().getPath()), null);
    }
    java.nio.file.Path directory = Files.createTempDirectory("octavo-copy-");
    LocalCopy copy = new LocalCopy(directory.resolve(source.getName()), directory);
    try {
      copy(fs, source, directory);
      for (Path other : others) {
        copy(fs, other, directory);
      }
      return copy;
    } catch (IOException | RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  private static void copy(FileSystem fs, Path source, java.nio.file.Path directory)
      throws IOException {
    try (InputStream in = fs.open(source)) {
      Files.copy(in, directory.resolve(source.getName()));
    }
  }

  @Override
  public void close() throws IOException {
    if (directory != null) {
      try (Stream<java.nio.file.Path> copies = Files.list(directory)) {
        for (java.nio.file.Path copy : copies.toList()) {
          Files.delete(copy);
        }
      }
      Files.delete(directory);
    }
  }
}
