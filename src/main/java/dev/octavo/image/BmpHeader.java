package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.nio.ByteOrder;

/** The file and information headers of a Windows bitmap. */
final class BmpHeader {
  private static final int CORE = 12;

  private BmpHeader() {}

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

  static ImageInfo read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
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
    return new ImageInfo(ImageFormat.BMP, (int) width, (int) height, channels, 1);
  }
}
