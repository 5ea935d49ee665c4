package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The file and information headers of a Windows bitmap.
 *
 * @param bits of a pixel
 * @param upwards whether the first row is the lowest
 * @param masks which bits of a pixel are red, green and blue; null where channels are bytes or
 *     pixels are indices, which OpenCV decodes
 */
@SuppressWarnings("ArrayRecordComponent") // what this record decodes by, never compared
record BmpHeader(ImageInfo info, int bits, boolean upwards, long[] masks) implements Header {
  private static final int BIT_FIELDS = 3;
  private static final int ALPHA_BIT_FIELDS = 6;
  private static final long[] FIVE_BITS = {0x7c00, 0x3e0, 0x1f};
  private static final int CORE = 12;

  static boolean isHeaderSize(byte[] file) {
    int size = file[14] & 0xff;
    boolean small = file[15] == 0 && file[16] == 0 && file[17] == 0;
    return small
        && (size == CORE
            || size == 16
            || size == 40
            || size == 52
            || size == 56
            || size == 64
            || size == 108
            || size == 124);
  }

  static BmpHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    ByteReader in = new ByteReader(file, ByteOrder.LITTLE_ENDIAN, "BMP");
    boolean core = in.u32(14) == CORE;
    long width = core ? in.u16(18) : in.i32(18);
    long height = core ? in.u16(20) : Math.abs((long) in.i32(22));
    int bits = in.u16(core ? 24 : 28);
    long compression = core ? 0 : in.u32(30);
    if (width < 1 || height < 1) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the BMP's header says %d x %d pixels".formatted(width, height));
    }
    limits.checkPixels(width, height);
    boolean runLengths = compression == 1 || compression == 2;
    if (!runLengths) {
      long rowBytes = (width * bits + 31) / 32 * 4;
      in.check(in.u32(10), rowBytes * height);
    }
    int channels = bits == 32 ? 4 : 3;
    long[] masks = null;
    if (compression == BIT_FIELDS || compression == ALPHA_BIT_FIELDS) {
      // After the header, or where later versions of the header have them: the same place.
      masks = new long[] {in.u32(54), in.u32(58), in.u32(62)};
    } else if (bits == 16 && compression == 0) {
      masks = FIVE_BITS;
    }
    if (masks != null && bits != 16 && bits != 32) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the BMP has bit fields of %d bits".formatted(bits));
    }
    return new BmpHeader(
        new ImageInfo(ImageFormat.BMP, (int) width, (int) height, channels, 1),
        bits,
        core || in.i32(22) > 0,
        masks);
  }

  /** Channels of any number of bits, stretched to 8 as Pillow does. */
  private PixelView masked(byte[] file) {
    ByteBuffer bmp = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int start = bmp.getInt(10);
    int rowBytes = (int) (((long) info.width() * bits + 31) / 32 * 4);
    byte[] pixels = new byte[3 * info.width() * info.height()];
    for (int y = 0, to = 0; y < info.height(); y++) {
      int row = start + rowBytes * (upwards ? info.height() - 1 - y : y);
      for (int x = 0; x < info.width(); x++) {
        long pixel =
            bits == 16 ? bmp.getShort(row + 2 * x) & 0xffff : bmp.getInt(row + 4 * x) & 0xffffffffL;
        for (long mask : masks) {
          long max = mask >>> Long.numberOfTrailingZeros(mask);
          long level = (pixel & mask) >>> Long.numberOfTrailingZeros(mask);
          pixels[to++] = (byte) (mask == 0 ? 0 : level * 255 / max);
        }
      }
    }
    return PixelView.of(ByteBuffer.wrap(pixels), info.width(), info.height());
  }

  /** OpenCV refuses run lengths that leave their row, which the JDK, like most viewers, accepts. */
  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    if (masks != null) {
      return masked(file);
    }
    try {
      return codec.decode(file, info);
    } catch (UndecodableImageException refused) {
      try {
        return JdkCodec.decode(file, "BMP", info);
      } catch (JdkCodec.Failure e) {
        refused.addSuppressed(e);
        throw refused;
      }
    }
  }
}
