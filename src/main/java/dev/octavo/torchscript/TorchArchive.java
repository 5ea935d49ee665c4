package dev.octavo.torchscript;

import dev.octavo.tensor.MalformedFileException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The zip that {@code torch.save} and {@code torch.jit.save} write: one top folder with {@code
 * data.pkl}, {@code byteorder} and the storages as {@code data/<key>}.
 *
 * <p>What the zip's directory declares is checked against the file's length before anything is
 * allocated, and what is read is checked against what was declared. A storage is read when a tensor
 * of it is asked for, once.
 */
public final class TorchArchive implements AutoCloseable {
  private static final String ROOT_PICKLE = "data.pkl";

  /** For a ResNet-152 it has some 100,000 bytes. */
  private static final long MAX_PICKLE_BYTES = 16L << 20;

  /** Weights deflate to half at best; what shrinks more than this is a bomb. */
  private static final long MAX_RATIO = 64;

  /** The most bytes of unpacking in all: this many times the file, or a small constant. */
  private static final long MAX_EXPANSION = 4;

  private static final long ALWAYS_ALLOWED_BYTES = 64L << 20;

  private final ZipFile zip;
  private final String root;
  private final Storages storages;

  private TorchArchive(ZipFile zip, String root, long fileBytes) {
    this.zip = zip;
    this.root = root;
    this.storages = new Storages(this::readStorage, fileBytes);
  }

  /**
   * Opens an archive and checks its directory.
   *
   * @throws MalformedFileException if it is damaged or not PyTorch's
   */
  public static TorchArchive open(File file) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file);
    } catch (ZipException e) {
      throw new MalformedFileException(
          "the zip archive cannot be read (truncated?): " + e.getMessage(), e);
    }
    try {
      List<? extends ZipEntry> entries = Collections.list(zip.entries());
      checkSizes(entries, file.length());
      TorchArchive archive = new TorchArchive(zip, rootOf(entries), file.length());
      archive.checkByteOrder();
      return archive;
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static void checkSizes(List<? extends ZipEntry> entries, long fileBytes) {
    Set<String> names = new HashSet<>();
    long left = fileBytes;
    long unpacked = Math.max(ALWAYS_ALLOWED_BYTES, MAX_EXPANSION * fileBytes);
    for (ZipEntry entry : entries) {
      long packed = entry.getCompressedSize();
      long declared = entry.getSize();
      if (!names.add(entry.getName())) {
        throw new MalformedFileException("the zip has two entries '%s'".formatted(entry.getName()));
      }
      left -= packed;
      if (packed < 0 || declared < 0 || packed > fileBytes || left < 0) {
        throw new MalformedFileException(
            "the zip's entries (at '%s') are together larger than the file: they overlap or the file is truncated"
                .formatted(entry.getName()));
      }
      unpacked -= Math.min(declared, unpacked + 1);
      if (unpacked < 0
          || (entry.getMethod() == ZipEntry.STORED
              ? declared != packed
              : declared / MAX_RATIO > packed)) {
        throw new MalformedFileException(
            "zip bomb? Entry '%s' declares %d bytes out of %d packed ones; torch.save stores without packing"
                .formatted(entry.getName(), declared, packed));
      }
    }
  }

  private static String rootOf(List<? extends ZipEntry> entries) {
    List<String> roots =
        entries.stream()
            .map(ZipEntry::getName)
            .filter(n -> n.endsWith("/" + ROOT_PICKLE) && n.indexOf('/') == n.lastIndexOf('/'))
            .map(n -> n.substring(0, n.length() - ROOT_PICKLE.length()))
            .toList();
    if (roots.size() != 1) {
      throw new MalformedFileException(
          "it is a zip, but not one that torch.save or torch.jit.save wrote: it has %d <folder>/%s, not one%s"
              .formatted(
                  roots.size(),
                  ROOT_PICKLE,
                  entries.stream()
                      .map(ZipEntry::getName)
                      .filter(name -> name.matches(".*\\.(pth|pt|ckpt|safetensors)"))
                      .findFirst()
                      .map("; unpack it and name '%s'"::formatted)
                      .orElse("")));
    }
    return roots.get(0);
  }

  private void checkByteOrder() throws IOException {
    ZipEntry entry = zip.getEntry(root + "byteorder");
    if (entry == null) { // before torch 2.1, and TorchScript: little-endian
      return;
    }
    String order = new String(read(entry, 16), StandardCharsets.US_ASCII).strip();
    if (!order.equals("little")) {
      throw new MalformedFileException(
          "its tensors are in byte order '%s', but only little-endian files are read: save it again on a"
                  .formatted(order)
              + " little-endian machine");
    }
  }

  /** The value of {@code data.pkl}. */
  public Object value() throws IOException {
    return PickleReader.read(read(zip.getEntry(root + ROOT_PICKLE), MAX_PICKLE_BYTES));
  }

  /** The storages that the pickle's tensors lie in. */
  public Storages storages() {
    return storages;
  }

  private ByteBuffer readStorage(StorageRef storage) throws IOException {
    ZipEntry entry = zip.getEntry(root + "data/" + storage.key());
    if (entry == null) {
      throw new MalformedFileException(
          "storage '%s' is not in the archive".formatted(storage.key()));
    }
    if (entry.getSize() != storage.bytes()) {
      throw new MalformedFileException(
          "storage '%s' claims %d elements of %s (%d bytes), but its entry has %d bytes"
              .formatted(
                  storage.key(),
                  storage.elements(),
                  storage.dtype(),
                  storage.bytes(),
                  entry.getSize()));
    }
    return ByteBuffer.wrap(read(entry, Storages.MAX_BYTES));
  }

  private byte[] read(ZipEntry entry, long limit) throws IOException {
    if (entry.getSize() > limit) {
      throw new MalformedFileException(
          "entry '%s' has %d bytes, more than the %d that are allowed"
              .formatted(entry.getName(), entry.getSize(), limit));
    }
    byte[] data = new byte[(int) entry.getSize()];
    try (InputStream in = zip.getInputStream(entry)) {
      if (in.readNBytes(data, 0, data.length) != data.length || in.read() != -1) {
        throw new MalformedFileException(
            "entry '%s' does not have the %d bytes that the zip declares"
                .formatted(entry.getName(), data.length));
      }
    } catch (ZipException | java.io.EOFException e) {
      throw new MalformedFileException("entry '%s' is damaged".formatted(entry.getName()), e);
    }
    CRC32 crc = new CRC32();
    crc.update(data);
    if (crc.getValue() != entry.getCrc()) {
      throw new MalformedFileException(
          "entry '%s' is damaged: its CRC-32 is not the one recorded".formatted(entry.getName()));
    }
    return data;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
