package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.ByteBuffer;

/**
 * The first directory of a TIFF and how its samples lie. What is stored plainly or by a simple
 * compression is decoded in Java, of any depth and kind of colour that Pillow knows; faxes by the
 * JDK; JPEG in TIFF, and YCbCr, by OpenCV.
 */
record TiffHeader(ImageInfo info, TiffDirectory directory, TiffLayout layout) implements Header {
  static final int OLD_JPEG = 6;
  private static final int JPEG = 7;
  private static final int LAST_FAX = 4;

  static TiffHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    TiffDirectory directory = TiffDirectory.read(file);
    ForeignFormat.refuseRaw(file, directory);
    TiffLayout layout = TiffLayout.of(directory, limits);
    boolean palette = directory.value(TiffDirectory.PHOTOMETRIC, 0) == TiffColours.PALETTE;
    int channels = palette ? 3 : Math.min(4, layout.samples());
    int orientation = Exif.orientation(directory.value(TiffDirectory.ORIENTATION, 1));
    ImageInfo info =
        new ImageInfo(ImageFormat.TIFF, layout.width(), layout.height(), channels, orientation);
    return new TiffHeader(info, directory, layout);
  }

  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    int compression = (int) directory.value(TiffDirectory.COMPRESSION, 1);
    boolean converted = directory.value(TiffDirectory.PHOTOMETRIC, 0) == TiffColours.YCBCR;
    if (TiffSamples.reads(compression) && !converted) {
      return decodeHere(file);
    }
    byte[] plain = directory.writtenOver(file);
    if (compression <= LAST_FAX || compression == OLD_JPEG) {
      return decodeByJdk(plain, compression);
    }
    boolean lab = directory.value(TiffDirectory.PHOTOMETRIC, 0) == TiffColours.CIELAB;
    if (compression == JPEG && lab) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED, "the TIFF has CIELab as JPEG: convert it, e.g. to PNG");
    }
    if (compression == JPEG || (converted && TiffSamples.reads(compression))) {
      return codec.decode(plain, info);
    }
    throw unsupported(compression);
  }

  private PixelView decodeHere(byte[] file) throws UndecodableImageException {
    TiffColours colours = new TiffColours(directory, layout);
    byte[] pixels = new byte[3 * info.width() * info.height()];
    new TiffSamples(file, directory, layout)
        .read(
            (x, y, samples) ->
                System.arraycopy(colours.of(samples), 0, pixels, 3 * (y * info.width() + x), 3));
    return PixelView.of(ByteBuffer.wrap(pixels), info.width(), info.height());
  }

  private PixelView decodeByJdk(byte[] plain, int compression) throws UndecodableImageException {
    try {
      return JdkCodec.decode(plain, "TIFF", info);
    } catch (JdkCodec.Failure e) {
      if (compression == OLD_JPEG) {
        throw unsupported(compression);
      }
      throw new UndecodableImageException(
          Reason.CORRUPT, "the TIFF's coded data can't be decoded: " + e.getMessage(), e);
    }
  }

  private static UndecodableImageException unsupported(int compression) {
    String name =
        switch (compression) {
          case OLD_JPEG -> "old-style JPEG";
          case 32771 -> "CCITT RLE-W";
          case 32809 -> "ThunderScan";
          case 34661 -> "JBIG";
          case 34712 -> "JPEG 2000";
          case 34887 -> "LERC";
          case 34925 -> "LZMA";
          case 50000 -> "Zstandard";
          case 50001 -> "WebP";
          case 50002, 52546 -> "JPEG XL";
          default -> "a method that isn't known here";
        };
    return new UndecodableImageException(
        Reason.UNSUPPORTED,
        "the TIFF is compressed by %s (%d): convert it, e.g. to PNG".formatted(name, compression));
  }
}
