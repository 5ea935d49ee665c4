package dev.octavo.artifact;

import java.io.IOException;
import java.util.function.Consumer;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/** Looking through folders of any size. */
public final class FileTree {
  private FileTree() {}

  /**
   * Names all files below a directory, in no order.
   *
   * <p>Object stores list thousands of files at a time, whatever their depth, when they are asked
   * for all at once. Local files are not: for each whose location is asked for too, Hadoop starts a
   * process ({@code ls}, for the permissions), which takes half an hour for a million of them.
   */
  public static void forEachFile(FileSystem fs, Path directory, Consumer<FileStatus> consumer)
      throws IOException {
    if (fs.getUri().getScheme().equals("file")) {
      forEachLocalFile(fs, directory, consumer);
      return;
    }
    RemoteIterator<LocatedFileStatus> files = fs.listFiles(directory, true);
    while (files.hasNext()) {
      consumer.accept(files.next());
    }
  }

  private static void forEachLocalFile(FileSystem fs, Path directory, Consumer<FileStatus> consumer)
      throws IOException {
    for (FileStatus file : fs.listStatus(directory)) {
      if (file.isDirectory()) {
        forEachLocalFile(fs, file.getPath(), consumer);
      } else {
        consumer.accept(file);
      }
    }
  }
}
