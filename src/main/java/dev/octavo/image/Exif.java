package dev.octavo.image;

import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The two places where files say how they are to be turned: the TIFF directory that Exif wraps (tag
 * 0x0112, Exif 2.32 section 4.6.4) and XMP ({@code tiff:Orientation}).
 */
final class Exif {
  static final int ORIENTATION = 0x0112;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private Exif() {}

  /**
   * The first value of every short and long in the first directory of a TIFF structure.
   *
   * @throws UndecodableImageException if the structure runs out of the bytes
   */
  static Map<Integer, Long> firstDirectory(ByteReader any) throws UndecodableImageException {
    ByteOrder order = any.has(0, "II") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    ByteReader tiff = any.slice(0, any.length(), order);
    long at = tiff.u32(4);
    int entries = tiff.u16(at);
    Map<Integer, Long> values = new HashMap<>();
    for (int i = 0; i < entries; i++) {
      long entry = at + 2 + 12L * i;
      int type = tiff.u16(entry + 2);
      long count = tiff.u32(entry + 4);
      if (type == SHORT && count >= 1) {
        long value = count <= 2 ? entry + 8 : tiff.u32(entry + 8);
        values.putIfAbsent(tiff.u16(entry), (long) tiff.u16(value));
      } else if (type == LONG && count >= 1) {
        long value = count == 1 ? entry + 8 : tiff.u32(entry + 8);
        values.putIfAbsent(tiff.u16(entry), tiff.u32(value));
      }
    }
    return values;
  }

  /** The orientation in an Exif block (which starts {@code II} or {@code MM}), if it is valid. */
  static OptionalInt orientation(ByteReader block) {
    try {
      if (!block.has(0, "II") && !block.has(0, "MM")) {
        return OptionalInt.empty();
      }
      return valid(firstDirectory(block).getOrDefault(ORIENTATION, 0L));
    } catch (UndecodableImageException e) {
      // A damaged Exif block doesn't make the picture undecodable.
      return OptionalInt.empty();
    }
  }

  /** The orientation in an XMP packet, written as an attribute or as an element. */
  static OptionalInt xmpOrientation(String packet) {
    int at = packet.indexOf("tiff:Orientation");
    if (at < 0) {
      return OptionalInt.empty();
    }
    int value = at + "tiff:Orientation".length();
    value += packet.startsWith("=\"", value) ? 2 : 1;
    return value < packet.length() ? valid(packet.charAt(value) - '0') : OptionalInt.empty();
  }

  static OptionalInt valid(long orientation) {
    return orientation >= 1 && orientation <= 8
        ? OptionalInt.of((int) orientation)
        : OptionalInt.empty();
  }
}
