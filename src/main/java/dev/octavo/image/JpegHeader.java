package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * The marker segments of a JPEG (ITU-T T.81 annex B), read to the end-of-image marker.
 *
 * @param frame the second byte of the last start-of-frame marker, which says how it is coded
 */
record JpegHeader(ImageInfo info, int frame) implements Header {
  /** A decoder's work is pixels × scans; no camera or encoder comes near this many. */
  private static final int MAX_SCANS = 500;

  /** The last of the frame markers SOF0 to SOF2: Huffman-coded DCT of 8 × 8 pixels. */
  private static final int PROGRESSIVE = 0xc2;

  private static final int MAX_REDUCTION = 8;

  /**
   * A reduced picture must still be this many times as large as it is needed. Pillow's {@code
   * reducing_gap} calls 2 "very close to fair resampling" and 3 "almost indistinguishable".
   * Measured on 90 photographs of rooms (187 to 1484 pixels), mean difference from the full decode
   * in levels of 255, over all photographs and of the worst one:
   *
   * <pre>
   *   gap            1.0          1.5          2.0          2.5          2.9          3.0
   *   halved     0.91  2.97   0.61  1.39   0.39  0.77   0.28  0.54   0.23  0.42   0.22  0.39
   *   quartered  1.35  3.17   0.78  1.51   0.49  0.89   0.34  0.60   0.27  0.47   0.26  0.45
   *   eighths    1.61  3.52   0.95  1.65   0.58  0.92   0.41  0.59   0.32  0.49   0.31  0.44
   * </pre>
   *
   * <p>2.9 keeps every photograph within half a level and every pixel within 10, and quarters what
   * a 12-megapixel camera writes (4000 × 3000 for 224 pixels: 2.93). What is not a photograph
   * differs more. Halved, at gap 2.75: a checkerboard of single pixels 0.5, letters 1.2, noise of
   * single pixels 2.5, lines of one pixel every 7 and 11 pixels 6.1.
   */
  private static final double GAP = 2.9;

  /** Reads a whole file: one without an end-of-image marker is truncated. */
  static JpegHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    return new Reader(file, limits).read();
  }

  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    return codec.decode(file, info, reduction(side));
  }

  /** By how much the picture may be decoded smaller if its shorter side becomes {@code side}. */
  int reduction(int side) {
    boolean reducible = frame <= PROGRESSIVE && (info.channels() == 1 || info.channels() == 3);
    int shorter = Math.min(info.width(), info.height());
    int reduction = reducible ? MAX_REDUCTION : 1;
    while (reduction > 1 && shorter < GAP * reduction * side) {
      reduction /= 2;
    }
    return reduction;
  }

  private static final class Reader {
    private static final VarHandle LITTLE_ENDIAN_LONGS =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteReader in;
    private final byte[] file;
    private final DecodeLimits limits;
    private int width;
    private int height;
    private int channels;
    private int frame;
    private OptionalInt exif = OptionalInt.empty();
    private OptionalInt xmp = OptionalInt.empty();
    private int scans;

    Reader(byte[] file, DecodeLimits limits) {
      this.in = new ByteReader(file, ByteOrder.BIG_ENDIAN, "JPEG");
      this.file = file;
      this.limits = limits;
    }

    JpegHeader read() throws UndecodableImageException {
      int at = 2;
      while (true) {
        at = nextMarker(at);
        int marker = file[at - 1] & 0xff;
        if (marker == 0xd9) {
          break;
        }
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
          continue; // these stand alone
        }
        int length = in.u16(at);
        if (length < 2) {
          throw new UndecodableImageException(
              Reason.CORRUPT, "a JPEG segment at byte %d has length %d".formatted(at, length));
        }
        if (marker == 0xda && ++scans > MAX_SCANS) {
          throw new UndecodableImageException(
              Reason.UNSUPPORTED, "the JPEG has more than %d scans".formatted(MAX_SCANS));
        }
        in.check(at, length);
        segment(marker, at + 2, length - 2);
        at += length;
      }
      if (width == 0 || scans == 0) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "the JPEG holds no %s".formatted(width == 0 ? "frame" : "scan"));
      }
      int orientation = exif.orElse(xmp.orElse(1));
      return new JpegHeader(
          new ImageInfo(ImageFormat.JPEG, width, height, channels, orientation), frame);
    }

    /** The position after the next marker; entropy-coded bytes on the way are passed over. */
    private int nextMarker(int from) throws UndecodableImageException {
      for (int i = nextFf(from); i + 1 < file.length; i = nextFf(i + 1)) {
        int next = file[i + 1] & 0xff;
        boolean restart = next >= 0xd0 && next <= 0xd7;
        if (next != 0 && next != 0xff && !restart) {
          return i + 2;
        }
      }
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "the JPEG ends at byte %d without an end-of-image marker".formatted(file.length));
    }

    /** The position of the next byte 0xff, or the end of the file; 8 bytes at a time. */
    private int nextFf(int from) {
      int i = from;
      for (; i + Long.BYTES <= file.length; i += Long.BYTES) {
        long bytes = (long) LITTLE_ENDIAN_LONGS.get(file, i);
        // The lowest bit that is set is the highest of the first byte 0xff (Warren: Hacker's
        // Delight, section 6-1, on the complement).
        long found = (~bytes - 0x0101010101010101L) & bytes & 0x8080808080808080L;
        if (found != 0) {
          return i + Long.numberOfTrailingZeros(found) / Byte.SIZE;
        }
      }
      while (i < file.length && file[i] != (byte) 0xff) {
        i++;
      }
      return i;
    }

    private void segment(int marker, int at, int length) throws UndecodableImageException {
      boolean startsFrame =
          marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
      if (startsFrame) {
        frame = marker;
        frame(at);
      } else if (marker == 0xe1 && in.has(at, "Exif\0\0") && length > 6 && exif.isEmpty()) {
        exif = Exif.orientation(in.slice(at + 6, length - 6, ByteOrder.BIG_ENDIAN));
      } else if (marker == 0xe1 && in.has(at, "http://ns.adobe.com/xap/1.0/\0")) {
        xmp = Exif.xmpOrientation(new String(file, at, length, StandardCharsets.ISO_8859_1));
      }
    }

    private void frame(int at) throws UndecodableImageException {
      int precision = in.u8(at);
      height = in.u16(at + 1);
      width = in.u16(at + 3);
      channels = in.u8(at + 5);
      if (width == 0 || height == 0 || channels == 0) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "the JPEG's frame is %d x %d x %d".formatted(width, height, channels));
      }
      if (precision != 8) {
        throw new UndecodableImageException(
            Reason.UNSUPPORTED, "the JPEG has %d bits per sample".formatted(precision));
      }
      limits.checkPixels(width, height);
    }
  }
}
