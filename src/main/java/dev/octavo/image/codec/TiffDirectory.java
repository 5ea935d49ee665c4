package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The first directory of a TIFF (revision 6.0) or BigTIFF: the tags that pixels depend on, each
 * once and of a type that it may have. Decoders are given this directory, never the file's own: so
 * none of them can find another size, or other images, than were checked.
 */
final class TiffDirectory {
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  static final int BITS_PER_SAMPLE = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  static final int FILL_ORDER = 266;
  static final int STRIP_OFFSETS = 273;
  static final int ORIENTATION = 274;
  static final int SAMPLES_PER_PIXEL = 277;
  static final int ROWS_PER_STRIP = 278;
  static final int STRIP_BYTES = 279;
  static final int PLANAR = 284;
  static final int T4_OPTIONS = 292;
  static final int T6_OPTIONS = 293;
  static final int PREDICTOR = 317;
  static final int COLOR_MAP = 320;
  static final int TILE_WIDTH = 322;
  static final int TILE_HEIGHT = 323;
  static final int TILE_OFFSETS = 324;
  static final int TILE_BYTES = 325;
  static final int EXTRA_SAMPLES = 338;
  static final int SAMPLE_FORMAT = 339;
  static final int JPEG_TABLES = 347;
  static final int OLD_JPEG_FIRST = 512;
  static final int OLD_JPEG_LAST = 521;
  static final int YCBCR_FIRST = 529;
  static final int YCBCR_LAST = 532;

  private static final int SUBFILE_TYPE = 254;
  private static final int SUB_DIRECTORIES = 330;
  private static final int DNG_VERSION = 50706;

  private static final int BYTE = 1;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int RATIONAL = 5;
  private static final int UNDEFINED = 7;
  private static final int LONG8 = 16;

  private static final int MAX_TAGS = 4096;

  /** More strips than rows of the largest image make no sense; bounds what is allocated. */
  private static final int MAX_VALUES = 1 << 20;

  private final boolean littleEndian;
  private final SortedMap<Integer, Entry> entries = new TreeMap<>();
  private final Set<Integer> tags = new HashSet<>();

  /** Values of a tag; a rational is two. */
  private record Entry(int type, long[] values) {}

  private TiffDirectory(boolean littleEndian) {
    this.littleEndian = littleEndian;
  }

  /**
   * Reads it.
   *
   * @throws UndecodableImageException if the structure runs out of the bytes, has a tag twice, or
   *     one of a wrong type
   */
  static TiffDirectory read(byte[] file) throws UndecodableImageException {
    boolean littleEndian = file[0] == 'I';
    ByteReader tiff =
        new ByteReader(file, littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN, "TIFF");
    boolean big = tiff.u16(2) == 43;
    TiffDirectory directory = new TiffDirectory(littleEndian);
    long at = big ? tiff.u64(8) : tiff.u32(4);
    long tags = big ? tiff.u64(at) : tiff.u16(at);
    if (tags > MAX_TAGS) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's directory claims %d tags".formatted(tags));
    }
    at += big ? 8 : 2;
    int entryBytes = big ? 20 : 12;
    for (long i = 0; i < tags; i++, at += entryBytes) {
      int tag = tiff.u16(at);
      if (!directory.tags.add(tag)) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "the TIFF's directory has tag %d twice".formatted(tag));
      }
      if (matters(tag)) {
        directory.entries.put(tag, directory.entry(tiff, at, big, tag));
      }
    }
    return directory;
  }

  private static boolean matters(int tag) {
    return switch (tag) {
      case SUBFILE_TYPE,
          WIDTH,
          HEIGHT,
          BITS_PER_SAMPLE,
          COMPRESSION,
          PHOTOMETRIC,
          FILL_ORDER,
          STRIP_OFFSETS,
          ORIENTATION,
          SAMPLES_PER_PIXEL,
          ROWS_PER_STRIP,
          STRIP_BYTES,
          PLANAR,
          T4_OPTIONS,
          T6_OPTIONS,
          PREDICTOR,
          COLOR_MAP,
          TILE_WIDTH,
          TILE_HEIGHT,
          TILE_OFFSETS,
          TILE_BYTES,
          EXTRA_SAMPLES,
          SAMPLE_FORMAT,
          JPEG_TABLES ->
          true;
      default ->
          (tag >= OLD_JPEG_FIRST && tag <= OLD_JPEG_LAST)
              || (tag >= YCBCR_FIRST && tag <= YCBCR_LAST);
    };
  }

  private Entry entry(ByteReader tiff, long at, boolean big, int tag)
      throws UndecodableImageException {
    int type = tiff.u16(at + 2);
    long count = big ? tiff.u64(at + 4) : tiff.u32(at + 4);
    int size =
        switch (type) {
          case BYTE, UNDEFINED -> 1;
          case SHORT -> 2;
          case LONG -> 4;
          case RATIONAL, LONG8 -> 8;
          default -> 0;
        };
    boolean rational = tag == YCBCR_FIRST || tag == YCBCR_LAST;
    boolean bytes = tag == JPEG_TABLES;
    boolean fits = rational ? type == RATIONAL : bytes ? size == 1 : size > 0 && type != RATIONAL;
    if (!fits || (type == UNDEFINED && !bytes) || (type == LONG8 && !big)) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's tag %d is of type %d".formatted(tag, type));
    }
    if (count < 1 || count > MAX_VALUES) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's tag %d claims %d values".formatted(tag, count));
    }
    int inline = big ? 8 : 4;
    long value = at + (big ? 12 : 8);
    if (count * size > inline) {
      value = big ? tiff.u64(value) : tiff.u32(value);
    }
    tiff.check(value, count * size);
    long[] values = new long[(int) count * (rational ? 2 : 1)];
    int step = rational ? 4 : size;
    for (int i = 0; i < values.length; i++) {
      long from = value + (long) i * step;
      values[i] =
          switch (step) {
            case 1 -> tiff.u8(from);
            case 2 -> tiff.u16(from);
            case 4 -> tiff.u32(from);
            default -> tiff.u64(from);
          };
      if (values[i] < 0) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "the TIFF's tag %d is out of range".formatted(tag));
      }
    }
    return new Entry(type == LONG8 ? LONG : type, values);
  }

  boolean littleEndian() {
    return littleEndian;
  }

  boolean has(int tag) {
    return entries.containsKey(tag);
  }

  boolean isDng() {
    return tags.contains(DNG_VERSION);
  }

  /**
   * Returns whether it is a reduced image, and others are elsewhere: so cameras write raw files.
   */
  boolean isPreview() {
    return (value(SUBFILE_TYPE, 0) & 1) != 0 && tags.contains(SUB_DIRECTORIES);
  }

  /** The first value of a tag. */
  long value(int tag, long absent) {
    Entry entry = entries.get(tag);
    return entry == null ? absent : entry.values()[0];
  }

  /** All values of a tag. */
  long[] values(int tag) {
    Entry entry = entries.get(tag);
    return entry == null ? new long[0] : entry.values();
  }

  /**
   * The file with this directory as its only one, at its end; what was BigTIFF becomes TIFF. It
   * doesn't say how the image is to be turned, since OpenCV would turn it, and calls straight alpha
   * associated, since OpenCV multiplies colours by straight alpha.
   */
  byte[] writtenOver(byte[] file) {
    int at = file.length + (file.length & 1);
    int tags = entries.size() - (has(ORIENTATION) ? 1 : 0);
    int room = 2 + 12 * tags + 4;
    for (Entry entry : entries.values()) {
      room += entry.values().length * 4 + 2;
    }
    ByteBuffer tiff = ByteBuffer.allocate(at + room);
    tiff.order(littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    tiff.put(file).putShort(2, (short) 42).putInt(4, at);
    tiff.position(at).putShort((short) tags);
    int far = at + 2 + 12 * tags + 4;
    for (var entry : entries.entrySet()) {
      if (entry.getKey() == ORIENTATION) {
        continue;
      }
      int type = entry.getValue().type();
      long[] values = entry.getValue().values();
      int size = type == SHORT ? 2 : type == BYTE || type == UNDEFINED ? 1 : 4;
      int count = type == RATIONAL ? values.length / 2 : values.length;
      int slot = tiff.position() + 8;
      tiff.putShort(entry.getKey().shortValue()).putShort((short) type).putInt(count);
      int to = slot;
      if (values.length * size > 4) {
        to = far;
        far += values.length * size + (values.length * size & 1);
        tiff.putInt(slot, to);
      }
      for (int i = 0; i < values.length; i++) {
        long value = entry.getKey() == EXTRA_SAMPLES ? 1 : values[i];
        switch (size) {
          case 1 -> tiff.put(to + i, (byte) value);
          case 2 -> tiff.putShort(to + 2 * i, (short) value);
          default -> tiff.putInt(to + 4 * i, (int) value);
        }
      }
      tiff.position(slot + 4);
    }
    return tiff.array();
  }
}
