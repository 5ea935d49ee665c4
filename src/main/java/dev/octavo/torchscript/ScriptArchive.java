package dev.octavo.torchscript;

import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive: a zip without compression that holds {@code data.pkl} (the
 * objects), {@code constants.pkl}, {@code code/__torch__.py} (the classes), {@code data/N} and
 * {@code constants/N} (raw little-endian tensors), {@code version} and {@code byteorder}. The same
 * module gives the same bytes.
 */
public final class ScriptArchive {
  /** The archive format that libtorch has written since 1.10. */
  private static final String VERSION = "3\n";

  private static final String ROOT = "octavo/";
  private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

  private ScriptArchive() {}

  /**
   * Writes an archive; doesn't close the stream.
   *
   * @param constants what the source calls {@code CONSTANTS.c0} and so on
   */
  public static void write(ScriptModule module, List<Tensor> constants, OutputStream out)
      throws IOException {
    PickleWriter data = new PickleWriter();
    data.object(module);
    PickleWriter constantsPickle = new PickleWriter();
    constantsPickle.tuple(constants);
    Map<String, String> sources = new LinkedHashMap<>();
    module.appendSources(sources);

    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setMethod(ZipOutputStream.STORED);
    entry(zip, "data.pkl", data.finish());
    entry(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    entries(zip, "data/", data.storages());
    byte[] source = String.join("\n", sources.values()).getBytes(StandardCharsets.UTF_8);
    entry(zip, "code/__torch__.py", source);
    entry(zip, "constants.pkl", constantsPickle.finish());
    entries(zip, "constants/", constantsPickle.storages());
    entry(zip, "version", VERSION.getBytes(StandardCharsets.US_ASCII));
    zip.finish();
  }

  private static void entries(ZipOutputStream zip, String prefix, List<Tensor> tensors)
      throws IOException {
    for (int i = 0; i < tensors.size(); i++) {
      ByteBuffer bytes = tensors.get(i).bytes();
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      entry(zip, prefix + i, copy);
    }
  }

  private static void entry(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(ROOT + name);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    entry.setCrc(crc.getValue());
    entry.setSize(bytes.length);
    entry.setTimeLocal(EPOCH);
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
