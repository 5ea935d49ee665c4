package dev.octavo.train.data;

import dev.octavo.dataset.DatasetSchema;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * A worker's share of the images as one file on its local disk, with the index in memory; datasets
 * may be larger than memory. Reading is thread-safe. Closing deletes the file.
 */
public final class ShardStore implements AutoCloseable {
  /** The place of an image's bytes in the file. */
  public record Span(long offset, int length) {}

  /**
   * An image in the file.
   *
   * @param share of its split that it belongs to
   * @param bytes of its file
   * @param repeat which of several times it is that an update has the image, from 0
   */
  public record Entry(String path, int label, String split, int share, Span bytes, int repeat) {
    /** The name of what is drawn for it at random: another for each repeat. */
    String sample() {
      return repeat == 0 ? path : path + "\n" + repeat;
    }

    Entry again(int number) {
      return number == repeat ? this : new Entry(path, label, split, share, bytes, number);
    }
  }

  private final Path file;
  private final FileChannel channel;
  private final List<Entry> entries;

  private ShardStore(Path file, FileChannel channel, List<Entry> entries) {
    this.file = file;
    this.channel = channel;
    this.entries = entries;
  }

  /** Writes the images, one at a time, to a new file in {@code directory}. */
  public static ShardStore spill(Iterator<Sample> samples, Path directory) throws IOException {
    Path file = Files.createTempFile(directory, "octavo-shard-", ".bin");
    List<Entry> entries = new ArrayList<>();
    try {
      long offset = 0;
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 18)) {
        while (samples.hasNext()) {
          Sample s = samples.next();
          out.write(s.image());
          entries.add(
              new Entry(
                  s.path(),
                  s.label(),
                  s.split(),
                  s.share(),
                  new Span(offset, s.image().length),
                  0));
          offset += s.image().length;
        }
      }
      entries.sort(Comparator.comparing(Entry::path)); // the shuffle delivers in any order
      return new ShardStore(file, FileChannel.open(file, StandardOpenOption.READ), entries);
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** All images, sorted by path. */
  List<Entry> entries() {
    return List.copyOf(entries);
  }

  /** The images of a split, sorted by path. */
  public List<Entry> split(String split) {
    return entries.stream().filter(e -> e.split().equals(split)).toList();
  }

  /** The images that are trained on, those without labels among them, sorted by path. */
  public List<Entry> taught() {
    return entries.stream().filter(e -> !e.split().equals(DatasetSchema.VAL)).toList();
  }

  /** The bytes of an image's file. */
  byte[] read(Entry entry) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(entry.bytes().length());
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, entry.bytes().offset() + bytes.position()) < 0) {
        throw new IOException("%s ends before %s".formatted(file, entry.path()));
      }
    }
    return bytes.array();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
