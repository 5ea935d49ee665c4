package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** The marker segments of a JPEG (ITU-T T.81 annex B), read to the end-of-image marker. */
record JpegHeader(ImageInfo info) implements Header {
  /** A decoder's work is pixels × scans; no camera or encoder comes near this many. */
  private static final int MAX_SCANS = 500;

  /** Reads a whole file: one without an end-of-image marker is truncated. */
  static JpegHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    return new Reader(file, limits).read();
  }

  @Override
  public RgbImage decodePixels(byte[] file) throws UndecodableImageException {
    return OpenCvCodec.decode(file, ImageFormat.JPEG);
  }

  private static final class Reader {
    private final ByteReader in;
    private final byte[] file;
    private final DecodeLimits limits;
    private int width;
    private int height;
    private int channels;
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
      return new JpegHeader(new ImageInfo(ImageFormat.JPEG, width, height, channels, orientation));
    }

    /** The position after the next marker; entropy-coded bytes on the way are passed over. */
    private int nextMarker(int from) throws UndecodableImageException {
      for (int i = from; i + 1 < file.length; i++) {
        if (file[i] == (byte) 0xff) {
          int next = file[i + 1] & 0xff;
          boolean restart = next >= 0xd0 && next <= 0xd7;
          if (next != 0 && next != 0xff && !restart) {
            return i + 2;
          }
        }
      }
      throw new UndecodableImageException(
          Reason.TRUNCATED,
          "the JPEG ends at byte %d without an end-of-image marker".formatted(file.length));
    }

    private void segment(int marker, int at, int length) throws UndecodableImageException {
      boolean frame =
          marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
      if (frame) {
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
