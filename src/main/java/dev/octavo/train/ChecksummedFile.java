package dev.octavo.train;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Files that end with the CRC-32C of all that is before it (int64, big-endian). */
final class ChecksummedFile {
  private static final int BLOCK = 1 << 16;

  /** Reads a file's content, up to its checksum. */
  @FunctionalInterface
  interface Reading {
    void read(InputStream content) throws IOException;
  }

  private ChecksummedFile() {}

  /** Writes bytes from their position to their limit; replaces the file if there is one. */
  static void write(FileSystem fs, Path file, ByteBuffer bytes) throws IOException {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate());
    try (FSDataOutputStream out = fs.create(file, true)) {
      Channels.newChannel(out).write(bytes.duplicate());
      new DataOutputStream(out).writeLong(checksum.getValue());
    }
  }

  /**
   * Checks a whole file.
   *
   * @throws DamagedFileException if it is absent or its checksum is another
   */
  static void verify(FileSystem fs, Path file) throws IOException {
    read(
        fs,
        file,
        content -> {
          byte[] block = new byte[BLOCK];
          long left = fs.getFileStatus(file).getLen() - Long.BYTES;
          while (left > 0) {
            int n = content.read(block, 0, (int) Math.min(BLOCK, left));
            if (n < 0) {
              throw new EOFException();
            }
            left -= n;
          }
        });
  }

  /**
   * Reads a file and compares its checksum with that of what was read.
   *
   * @throws DamagedFileException if it is absent, ends too early or its checksum is another
   */
  static void read(FileSystem fs, Path file, Reading reading) throws IOException {
    try (InputStream in = new BufferedInputStream(fs.open(file), BLOCK)) {
      CheckedInputStream content = new CheckedInputStream(in, new CRC32C());
      reading.read(content);
      long actual = content.getChecksum().getValue();
      if (new DataInputStream(in).readLong() != actual) {
        throw new DamagedFileException(file, null);
      }
    } catch (EOFException | FileNotFoundException | ChecksumException e) {
      throw new DamagedFileException(file, e);
    }
  }
}
