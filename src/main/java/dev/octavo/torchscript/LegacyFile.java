package dev.octavo.torchscript;

import dev.octavo.tensor.MalformedFileException;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The format of {@code torch.save} before PyTorch 1.6: five pickles one after the other (a magic
 * number, the version of the format, the machine, the object, the keys of its storages), then each
 * storage as its number of elements (int64) and its bytes.
 *
 * <p>The places of all storages are checked against the file's length before one is read.
 */
public final class LegacyFile implements AutoCloseable {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long VERSION = 1001;
  private static final int MAX_PICKLE_BYTES = 16 << 20;

  private final FileChannel channel;
  private final Object value;
  private final Map<String, Long> places = new HashMap<>();
  private final Storages storages;

  private LegacyFile(FileChannel channel) throws IOException {
    this.channel = channel;
    this.storages = new Storages(this::read, channel.size());
    ByteBuffer pickles = read(0, (int) Math.min(MAX_PICKLE_BYTES, channel.size()));
    checkStart(pickles);
    PickleReader.Content content = PickleReader.read(pickles);
    this.value = content.value();
    locate(PickleReader.read(pickles).value(), content.storages(), pickles.position());
  }

  /**
   * Opens a file and checks all but the tensors.
   *
   * @throws MalformedFileException if it is damaged or not PyTorch's
   */
  public static LegacyFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new LegacyFile(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void checkStart(ByteBuffer pickles) {
    if (!MAGIC.equals(PickleReader.read(pickles).value())) {
      throw new MalformedFileException(
          "it is a pickle, but not one of torch.save; save the weights with"
              + " torch.save(model.state_dict(), file)");
    }
    Object version = PickleReader.read(pickles).value();
    if (!(version instanceof Long number) || number != VERSION) {
      throw new MalformedFileException(
          "it is of a version of torch.save's first format that is not known");
    }
    if (!(PickleReader.read(pickles).value() instanceof Map<?, ?> machine)
        || !Boolean.TRUE.equals(machine.get("little_endian"))) {
      throw new MalformedFileException(
          "its tensors are not in little-endian byte order: save it again on a little-endian"
              + " machine");
    }
  }

  private void locate(Object keys, Map<String, StorageRef> named, long start) throws IOException {
    if (!(keys instanceof List<?> list)) {
      throw new MalformedFileException("the list of its storages is missing");
    }
    long position = start;
    for (Object key : list) {
      StorageRef storage = key instanceof String ? named.get(key) : null;
      if (storage == null || places.containsKey(storage.key())) {
        throw new MalformedFileException("its list of storages is not that of its tensors");
      }
      if (channel.size() - position < Long.BYTES + storage.bytes()
          || Long.BYTES + storage.bytes() < 0) {
        throw new MalformedFileException(
            "storage '%s' of %d bytes reaches beyond the end of the file (truncated?)"
                .formatted(key, storage.bytes()));
      }
      long elements = read(position, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (elements != storage.elements()) {
        throw new MalformedFileException(
            "storage '%s' has %d elements, but its tensors claim %d"
                .formatted(key, elements, storage.elements()));
      }
      places.put(storage.key(), position + Long.BYTES);
      position += Long.BYTES + storage.bytes();
    }
  }

  /** The object that was saved. */
  public Object value() {
    return value;
  }

  /** The storages that its tensors lie in. */
  public Storages storages() {
    return storages;
  }

  private ByteBuffer read(StorageRef storage) throws IOException {
    Long place = places.get(storage.key());
    if (place == null) {
      throw new MalformedFileException("storage '%s' is not in the file".formatted(storage.key()));
    }
    return read(place, (int) storage.bytes());
  }

  private ByteBuffer read(long position, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
