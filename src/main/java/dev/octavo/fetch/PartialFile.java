package dev.octavo.fetch;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The beginning of a file, {@code NAME.part}, which outlives the process. {@code NAME.part.from}
 * says where it comes from, so that no bytes of another file are appended to it. One process at a
 * time holds it.
 */
final class PartialFile implements AutoCloseable {
  private final Path target;
  private final Path part;
  private final Path from;
  private final FileChannel channel;

  private PartialFile(Path target, FileChannel channel) {
    this.target = target;
    this.part = sibling(target, ".part");
    this.from = sibling(target, ".part.from");
    this.channel = channel;
  }

  private static Path sibling(Path target, String suffix) {
    return target.resolveSibling(target.getFileName() + suffix);
  }

  /**
   * Opens the beginning of a file, empty if there is none yet.
   *
   * @throws OctavoException if another process holds it
   */
  static PartialFile open(Path target) throws IOException {
    FileChannel channel =
        FileChannel.open(
            sibling(target, ".part"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new PartialFile(target, channel);
      }
    } catch (OverlappingFileLockException e) {
      // Held within this process: the same answer.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new OctavoException(
        "%s is being fetched by another process: wait for it".formatted(target));
  }

  FileChannel channel() {
    return channel;
  }

  /**
   * The number of bytes of that address that are here, as they were when the validator was given.
   */
  long size() throws IOException {
    return channel.size();
  }

  /** The validator of the bytes that are here; empty if they aren't from that address. */
  String validator(String address) throws IOException {
    if (!Files.isRegularFile(from)) {
      return "";
    }
    List<String> lines = Files.readAllLines(from);
    return lines.size() == 2 && lines.get(0).equals(address) ? lines.get(1) : "";
  }

  /** Prepares for bytes from there; what is behind it is cut off. */
  void continueAt(long start, String address, String validator) throws IOException {
    channel.truncate(start);
    channel.position(start);
    Files.writeString(from, address + "\n" + validator + "\n");
  }

  Path path() {
    return part;
  }

  /** Gives the file its name: it is whole. */
  void complete() throws IOException {
    channel.force(true);
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    Files.deleteIfExists(from);
  }

  /** Forgets what is here. */
  void discard() throws IOException {
    Files.deleteIfExists(part);
    Files.deleteIfExists(from);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
