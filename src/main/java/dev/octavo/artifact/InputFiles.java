package dev.octavo.artifact;

import java.io.File;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Files that somebody else made, and that may have become something else since they were listed.
 */
public final class InputFiles {
  /**
   * Smaller than Hadoop's default of 64 KB, which a local file would fill with zeros for each file.
   */
  private static final int BUFFER_BYTES = 1024;

  private InputFiles() {}

  /**
   * Opens a file to read it in large pieces, which go past the stream's small buffer.
   *
   * @throws IOException if it can't be read, or is a special file, which would be waited for
   */
  public static FSDataInputStream open(FileSystem fs, Path file) throws IOException {
    if (isSpecial(fs, file)) {
      throw new IOException(FileTree.Problem.SPECIAL.text());
    }
    // The checksummed one looks for a file ".NAME.crc", and fails where the name has a colon.
    FileSystem plain = fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs;
    return plain.open(file, BUFFER_BYTES);
  }

  /** Tells FIFOs, sockets and devices, which only a local file system has, from all else. */
  public static boolean isSpecial(FileSystem fs, Path file) {
    if (!fs.getUri().getScheme().equals("file")) {
      return false;
    }
    File local = new File(file.toUri().getPath());
    return !local.isFile() && !local.isDirectory() && local.exists(); // for most, one look
  }
}
