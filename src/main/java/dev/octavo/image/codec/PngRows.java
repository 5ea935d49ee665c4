package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The number of rows that a PNG has data for, found by inflating it (PNG 1.2, sections 2.6 and 7).
 */
final class PngRows {
  private static final int SIGNATURE = 8;
  private static final int HEADER = SIGNATURE + 8;
  private static final int IDAT = 0x49444154;

  /** Per pass of an interlaced image: first column, first row, distance of columns, of rows. */
  private static final int[][] ADAM7 = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private PngRows() {}

  /**
   * Refuses an image that lacks rows.
   *
   * @param chunks signature and whole chunks, the first {@code length} bytes
   */
  static void check(byte[] chunks, int length) throws UndecodableImageException {
    ByteBuffer png = ByteBuffer.wrap(chunks, 0, length);
    if (length < HEADER + 13) {
      throw new UndecodableImageException(Reason.TRUNCATED, "the PNG ends within its header");
    }
    long width = png.getInt(HEADER);
    long height = png.getInt(HEADER + 4);
    int samples =
        switch (png.get(HEADER + 9)) {
          case 2 -> 3;
          case 4 -> 2;
          case 6 -> 4;
          default -> 1;
        };
    long bits = (long) samples * (png.get(HEADER + 8) & 0xff);
    boolean interlaced = png.get(HEADER + 12) != 0;
    long expected = interlaced ? interlaced(width, height, bits) : height * rowBytes(width, bits);
    long found = inflated(png, expected);
    if (found < expected) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          interlaced
              ? "the PNG's data ends after %d of %d bytes".formatted(found, expected)
              : "the PNG's data ends after %d of %d rows"
                  .formatted(found / rowBytes(width, bits), height));
    }
  }

  private static long rowBytes(long width, long bits) {
    return width == 0 ? 0 : 1 + (width * bits + 7) / 8;
  }

  private static long interlaced(long width, long height, long bits) {
    long bytes = 0;
    for (int[] pass : ADAM7) {
      long columns = Math.max(0, (width - pass[0] + pass[2] - 1) / pass[2]);
      long rows = Math.max(0, (height - pass[1] + pass[3] - 1) / pass[3]);
      bytes += rows * rowBytes(columns, bits);
    }
    return bytes;
  }

  /** The number of bytes that the chunks inflate to; no more than needed. */
  private static long inflated(ByteBuffer png, long needed) {
    Inflater inflater = new Inflater();
    byte[] part = new byte[1 << 16];
    long written = 0;
    try {
      for (int at = SIGNATURE; at < png.limit(); at += png.getInt(at) + 12) {
        if (png.getInt(at + 4) != IDAT) {
          continue;
        }
        inflater.setInput(png.slice(at + 8, png.getInt(at)));
        int n = 1;
        while (n > 0 && written < needed) {
          n = inflater.inflate(part);
          written += n;
        }
      }
    } catch (DataFormatException e) {
      // What was inflated up to there counts.
    } finally {
      inflater.end();
    }
    return written;
  }
}
