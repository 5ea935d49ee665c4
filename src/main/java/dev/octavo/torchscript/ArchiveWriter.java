package dev.octavo.torchscript;

import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the container of {@code torch.save} and {@code torch.jit.save}: a zip without compression,
 * all of whose entries are below one directory. The same entries give the same bytes.
 */
final class ArchiveWriter {
  /** The version of the format that PyTorch has written since 1.6. */
  private static final String FORMAT_VERSION = "3\n";

  /** The beginning of a zip's calendar: no time stamp, so that equal entries give equal files. */
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final String root;
  private final ZipOutputStream zip;

  ArchiveWriter(String root, OutputStream out) {
    this.root = root;
    this.zip = new ZipOutputStream(out);
    zip.setMethod(ZipOutputStream.STORED);
  }

  /** Writes {@code data.pkl} and its storages: the first entries. */
  void data(PickleWriter pickle) throws IOException {
    put("data.pkl", ByteBuffer.wrap(pickle.finish()));
    text("byteorder", "little");
    storages("data", pickle.storages());
  }

  /** Writes {@code constants.pkl} and its storages. */
  void constants(PickleWriter pickle) throws IOException {
    put("constants.pkl", ByteBuffer.wrap(pickle.finish()));
    storages("constants", pickle.storages());
  }

  void text(String name, String text) throws IOException {
    put(name, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Writes the last entry and flushes the stream, which stays open. */
  void finish() throws IOException {
    text("version", FORMAT_VERSION);
    zip.finish();
    zip.flush();
  }

  private void storages(String directory, List<Tensor> tensors) throws IOException {
    for (int key = 0; key < tensors.size(); key++) {
      put(directory + "/" + key, tensors.get(key).bytes());
    }
  }

  @SuppressWarnings("resource") // the channel is a view of the zip, which stays open
  private void put(String name, ByteBuffer data) throws IOException {
    ZipEntry entry = new ZipEntry(root + "/" + name);
    entry.setTimeLocal(EPOCH);
    entry.setSize(data.remaining());
    CRC32 crc = new CRC32();
    crc.update(data.duplicate());
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    WritableByteChannel channel = Channels.newChannel(zip);
    while (data.hasRemaining()) {
      channel.write(data);
    }
    zip.closeEntry();
  }
}
