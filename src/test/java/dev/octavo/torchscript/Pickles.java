package dev.octavo.torchscript;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes pickles and archives by hand, opcode by opcode, so that tests can break every rule. */
public final class Pickles {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Pickles() {}

  /** A pickle of protocol 2. */
  public static Pickles protocol2() {
    return new Pickles().op(Opcode.PROTO, 2);
  }

  /** Opcodes or bytes as they are. */
  public Pickles op(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  public Pickles string(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    out.write(Opcode.BINUNICODE);
    littleEndian(utf8.length, 4);
    out.writeBytes(utf8);
    return this;
  }

  Pickles integer(long value) {
    out.write(Opcode.LONG1);
    out.write(8);
    return littleEndian(value, 8);
  }

  Pickles littleEndian(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> (8 * i)));
    }
    return this;
  }

  public Pickles global(String module, String name) {
    out.write(Opcode.GLOBAL);
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** A tensor that is a view of float storage {@code data/0}. */
  public Pickles floats(long storageElements, long offset, long[] shape, long[] strides) {
    global("torch._utils", "_rebuild_tensor_v2").op(Opcode.MARK, Opcode.MARK);
    string("storage").global("torch", "FloatStorage").string("0").string("cpu");
    integer(storageElements).op(Opcode.TUPLE, Opcode.BINPERSID).integer(offset);
    tuple(shape).tuple(strides).op(Opcode.NEWFALSE);
    global("collections", "OrderedDict").op(Opcode.EMPTY_TUPLE, Opcode.REDUCE);
    return op(Opcode.TUPLE, Opcode.REDUCE);
  }

  public Pickles tuple(long[] values) {
    op(Opcode.MARK);
    for (long value : values) {
      integer(value);
    }
    return op(Opcode.TUPLE);
  }

  /** What was written after the protocol. */
  byte[] bytes() {
    byte[] all = out.toByteArray();
    return java.util.Arrays.copyOfRange(all, 2, all.length);
  }

  public byte[] stop() {
    out.write(Opcode.STOP);
    return out.toByteArray();
  }

  /** The pickle of a state dict with one tensor {@code a} over float storage {@code data/0}. */
  static byte[] oneTensor(long storageElements, long offset, long[] shape, long[] strides) {
    return protocol2()
        .op(Opcode.EMPTY_DICT)
        .string("a")
        .floats(storageElements, offset, shape, strides)
        .op(Opcode.SETITEM)
        .stop();
  }

  /** Entries of an archive with that pickle and a storage {@code data/0} of that many bytes. */
  public static Map<String, byte[]> entries(byte[] pickle, int storageBytes) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle);
    entries.put("archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    entries.put("archive/data/0", new byte[storageBytes]);
    return entries;
  }

  /** Writes such an archive, without compression, to {@code weights.pth}. */
  static Path archive(Path directory, byte[] pickle, int storageBytes) throws IOException {
    return zip(
        directory.resolve("weights.pth"), ZipOutputStream.STORED, entries(pickle, storageBytes));
  }

  /** Writes entries, {@link ZipOutputStream#STORED} or {@link ZipOutputStream#DEFLATED}. */
  public static Path zip(Path file, int method, Map<String, byte[]> entries) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        ZipEntry entry = new ZipEntry(e.getKey());
        entry.setMethod(method);
        entry.setSize(e.getValue().length);
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(e.getValue());
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(e.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }
}
