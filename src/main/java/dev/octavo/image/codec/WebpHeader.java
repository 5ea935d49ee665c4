package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalInt;

/** The RIFF chunks of a WebP (RFC 9649). */
record WebpHeader(ImageInfo info) implements Header {
  private static final int FIRST_CHUNK = 12;

  /** Reads a whole file: one shorter than its RIFF header says is truncated. */
  static WebpHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    ByteReader in = new ByteReader(file, ByteOrder.LITTLE_ENDIAN, "WebP");
    long end = in.u32(4) + 8;
    in.check(0, end - (end & 1));
    int data = FIRST_CHUNK + 8;
    int width;
    int height;
    int channels = 3;
    if (in.has(FIRST_CHUNK, "VP8X")) {
      width = (int) (in.u32(data + 4) & 0xffffff) + 1;
      height = (int) (in.u32(data + 6) >> 8) + 1;
      channels = (in.u8(data) & 0x10) != 0 ? 4 : 3;
    } else if (in.has(FIRST_CHUNK, "VP8L")) {
      long bits = in.u32(data + 1);
      width = (int) (bits & 0x3fff) + 1;
      height = (int) (bits >> 14 & 0x3fff) + 1;
      channels = (bits >> 28 & 1) != 0 ? 4 : 3;
    } else if (in.has(FIRST_CHUNK, "VP8 ")) {
      width = in.u16(data + 6) & 0x3fff;
      height = in.u16(data + 8) & 0x3fff;
    } else {
      throw new UndecodableImageException(Reason.CORRUPT, "the WebP doesn't begin with an image");
    }
    if (width < 1 || height < 1) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the WebP's header says %d x %d pixels".formatted(width, height));
    }
    limits.checkPixels(width, height);
    return new WebpHeader(
        new ImageInfo(ImageFormat.WEBP, width, height, channels, orientation(in, file, end)));
  }

  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    return codec.decode(file, info);
  }

  private static int orientation(ByteReader in, byte[] file, long end)
      throws UndecodableImageException {
    OptionalInt xmp = OptionalInt.empty();
    long at = FIRST_CHUNK;
    while (at + 8 <= Math.min(end, in.length())) {
      int size = (int) Math.min(in.u32(at + 4), in.length() - at - 8);
      int data = (int) at + 8;
      if (in.has(at, "EXIF")) {
        OptionalInt exif = Exif.orientation(Arrays.copyOfRange(file, data, data + size));
        if (exif.isPresent()) {
          return exif.getAsInt();
        }
      } else if (in.has(at, "XMP ")) {
        xmp = Exif.xmpOrientation(new String(file, data, size, StandardCharsets.ISO_8859_1));
      }
      at += 8L + size + (size & 1);
    }
    return xmp.orElse(1);
  }
}
