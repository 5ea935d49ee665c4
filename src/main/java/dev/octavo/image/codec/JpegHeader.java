package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * The marker segments of a JPEG (ITU-T T.81 annex B), read to the end-of-image marker.
 *
 * @param frame the second byte of the start-of-frame marker, which says how it is coded
 * @param scans how many there are
 * @param end of the data where the end-of-image marker is missing; else 0
 */
record JpegHeader(ImageInfo info, int frame, int scans, int end) implements Header {
  /** The last of the frame markers SOF0 to SOF2: Huffman-coded DCT of 8 × 8 pixels. */
  private static final int PROGRESSIVE = 0xc2;

  private static final int MAX_REDUCTION = 8;

  private static final int END_OF_IMAGE = 0xd9;

  /** In levels of 255: chroma is blended with what lies beside it, and rounded. */
  private static final double CORNER_TOLERANCE = 4;

  /** Files up to this size are cheap to walk through. */
  private static final int SMALL_FILE = 4 << 10;

  /**
   * A reduced image must still be this many times as large as it is needed. Pillow's {@code
   * reducing_gap} calls 2 "very close to fair resampling" and 3 "almost indistinguishable".
   * Measured on 90 images of rooms (187 to 1484 pixels), mean difference from the full decode in
   * levels of 255, over all images and of the worst one:
   *
   * <pre>
   *   gap            1.0          1.5          2.0          2.5          2.9          3.0
   *   halved     0.91  2.97   0.61  1.39   0.39  0.77   0.28  0.54   0.23  0.42   0.22  0.39
   *   quartered  1.35  3.17   0.78  1.51   0.49  0.89   0.34  0.60   0.27  0.47   0.26  0.45
   *   eighths    1.61  3.52   0.95  1.65   0.58  0.92   0.41  0.59   0.32  0.49   0.31  0.44
   * </pre>
   *
   * <p>2.9 keeps every image within half a level and every pixel within 10, and quarters what a
   * 12-megapixel camera writes (4000 × 3000 for 224 pixels: 2.93). What is not an image differs
   * more. Halved, at gap 2.75: a checkerboard of single pixels 0.5, letters 1.2, noise of single
   * pixels 2.5, lines of one pixel every 7 and 11 pixels 6.1.
   */
  private static final double GAP = 2.9;

  /** Reads a whole file: one that ends without marker must have data for all rows. */
  static JpegHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    return new Reader(file, limits).read();
  }

  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    byte[] ended = file;
    if (end > 0) {
      ended = Arrays.copyOf(file, end + 2);
      ended[end] = (byte) 0xff;
      ended[end + 1] = (byte) END_OF_IMAGE;
    }
    PixelView pixels = codec.decode(ended, info, reduction(side));
    if (end == 0 && mayLackRows(file, pixels)) {
      checkRows(JpegCoverage.of(file));
    }
    return pixels;
  }

  /**
   * Returns whether it is worth walking through the data. That takes half as long as decoding does.
   * In a sequential file, where there is no data libjpeg leaves zeros, which make gray 128: if rows
   * are missing, so is the lower right corner. Of 6,000 photographs of 12 kB that were cut anywhere
   * and ended with a marker, this finds all but one that was cut within its last block.
   */
  private boolean mayLackRows(byte[] file, PixelView pixels) {
    if (frame >= PROGRESSIVE) {
      return false; // checked already; of arithmetic codes nothing says where they end
    }
    if (file.length <= SMALL_FILE || scans > 1 || info.channels() == 4) {
      return true;
    }
    byte[] corner = new byte[3];
    pixels.copyRow(pixels.down().samples() - 1, pixels.across().samples() - 1, 1, corner, 0);
    double luma =
        0.299 * (corner[0] & 0xff) + 0.587 * (corner[1] & 0xff) + 0.114 * (corner[2] & 0xff);
    return Math.abs(luma - 128) <= CORNER_TOLERANCE;
  }

  private static void checkRows(JpegCoverage.Extent extent) throws UndecodableImageException {
    if (!extent.wholeRows()) {
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "the JPEG's data ends after %d of %d rows".formatted(extent.rows(), extent.height()));
    }
  }

  /** By how much the image may be decoded smaller if its shorter side becomes {@code side}. */
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
    private static final int MAX_EXIF = 1 << 20;

    private static final VarHandle LITTLE_ENDIAN_LONGS =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final ByteReader in;
    private final byte[] file;
    private final DecodeLimits limits;
    private int width;
    private int height;
    private int channels;
    private int frame;
    private byte[] exif = {};
    private OptionalInt xmp = OptionalInt.empty();
    private int scans;

    Reader(byte[] file, DecodeLimits limits) {
      this.in = new ByteReader(file, ByteOrder.BIG_ENDIAN, "JPEG");
      this.file = file;
      this.limits = limits;
    }

    JpegHeader read() throws UndecodableImageException {
      String warning = null;
      int end = 0;
      try {
        segments();
      } catch (UndecodableImageException e) {
        if (scans == 0 || frame > PROGRESSIVE || e.reason() == Reason.TOO_MUCH_WORK) {
          throw e;
        }
        JpegCoverage.Extent extent = JpegCoverage.of(file);
        checkRows(extent);
        if (!extent.exact()) {
          throw e;
        }
        end = extent.end();
        warning = "the JPEG has no end-of-image marker, but all of its %d rows".formatted(height);
      }
      if (width == 0 || scans == 0) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "the JPEG holds no %s".formatted(width == 0 ? "frame" : "scan"));
      }
      if (warning == null && frame == PROGRESSIVE) {
        JpegCoverage.Extent extent = JpegCoverage.of(file);
        checkRows(extent);
        if (!extent.exact()) {
          warning = "the JPEG's last scans are missing: all rows are there, fine detail isn't";
        }
      }
      int orientation = Exif.orientation(exif).orElse(xmp.orElse(1));
      return new JpegHeader(
          new ImageInfo(ImageFormat.JPEG, width, height, channels, orientation, warning),
          frame,
          scans,
          end);
    }

    private void segments() throws UndecodableImageException {
      int at = 2;
      while (true) {
        at = nextMarker(at);
        int marker = file[at - 1] & 0xff;
        if (marker == END_OF_IMAGE) {
          return;
        }
        if (marker == 0xd8 && scans > 0) {
          throw new UndecodableImageException(
              Reason.CORRUPT, "another JPEG begins at byte %d, within the first".formatted(at - 2));
        }
        if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
          continue; // these stand alone
        }
        int length = in.u16(at);
        if (length < 2) {
          throw new UndecodableImageException(
              Reason.CORRUPT, "a JPEG segment at byte %d has length %d".formatted(at, length));
        }
        in.check(at, length);
        segment(marker, at + 2, length - 2);
        at += length;
      }
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
        if (frame != 0) {
          throw new UndecodableImageException(
              Reason.CORRUPT, "the JPEG has a second frame at byte %d".formatted(at));
        }
        frame(marker, at, length);
      } else if (marker == 0xda) {
        scans++;
        limits.checkWork(width, height, scans);
      } else if (marker == 0xe1 && in.has(at, "Exif\0\0") && exif.length < MAX_EXIF) {
        // A block that is too long for one segment goes on in the next, which has a header, too.
        int from = exif.length == 0 ? at : at + 6;
        byte[] more = Arrays.copyOfRange(file, from, at + length);
        exif = Arrays.copyOf(exif, exif.length + more.length);
        System.arraycopy(more, 0, exif, exif.length - more.length, more.length);
      } else if (marker == 0xe1 && in.has(at, "http://ns.adobe.com/xap/1.0/\0")) {
        xmp = Exif.xmpOrientation(new String(file, at, length, StandardCharsets.ISO_8859_1));
      }
    }

    private void frame(int marker, int at, int length) throws UndecodableImageException {
      int precision = in.u8(at);
      height = in.u16(at + 1);
      width = in.u16(at + 3);
      channels = in.u8(at + 5);
      if (width == 0 || height == 0 || channels == 0 || length != 6 + 3 * channels) {
        throw new UndecodableImageException(
            Reason.CORRUPT, "the JPEG's frame is %d x %d x %d".formatted(width, height, channels));
      }
      if (precision != 8) {
        throw new UndecodableImageException(
            Reason.UNSUPPORTED, "the JPEG has %d bits per sample".formatted(precision));
      }
      if (channels == 2 || channels > 4) {
        throw new UndecodableImageException(
            Reason.UNSUPPORTED, "the JPEG has %d components".formatted(channels));
      }
      for (int component = 0; component < channels; component++) {
        int sampling = in.u8(at + 7 + 3 * component);
        if (sampling >> 4 < 1 || sampling >> 4 > 4 || (sampling & 15) < 1 || (sampling & 15) > 4) {
          throw new UndecodableImageException(
              Reason.CORRUPT, "a component of the JPEG is sampled 0x%02x".formatted(sampling));
        }
      }
      limits.checkPixels(width, height);
      frame = marker;
    }
  }
}
