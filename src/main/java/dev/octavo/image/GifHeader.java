package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.nio.ByteOrder;

/**
 * A GIF up to the end of its first frame.
 *
 * @param info size of the logical screen, widened where the first frame reaches beyond it
 * @param left of the first frame on that screen
 * @param top of the first frame on that screen
 * @param background palette index of what the first frame leaves uncovered: its transparent colour,
 *     or 0
 */
record GifHeader(ImageInfo info, int left, int top, int background) implements Header {
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2c;
  private static final int GRAPHIC_CONTROL = 0xf9;

  /** Reads to the end of the first frame: a file that ends before is truncated. */
  static GifHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    ByteReader in = new ByteReader(file, ByteOrder.LITTLE_ENDIAN, "GIF");
    int screenWidth = in.u16(6);
    int screenHeight = in.u16(8);
    int at = 13 + paletteBytes(in.u8(10));
    int background = 0;
    while (in.u8(at) != IMAGE) {
      if (in.u8(at) != EXTENSION) {
        throw new UndecodableImageException(
            Reason.CORRUPT,
            "the GIF has block type 0x%02x at byte %d and no frame before it"
                .formatted(in.u8(at), at));
      }
      if (in.u8(at + 1) == GRAPHIC_CONTROL && in.u8(at + 2) == 4 && (in.u8(at + 3) & 1) == 1) {
        background = in.u8(at + 6);
      }
      at = skipSubBlocks(in, at + 2);
    }
    int left = in.u16(at + 1);
    int top = in.u16(at + 3);
    int frameWidth = in.u16(at + 5);
    int frameHeight = in.u16(at + 7);
    int width = Math.max(screenWidth, left + frameWidth);
    int height = Math.max(screenHeight, top + frameHeight);
    if (frameWidth == 0 || frameHeight == 0) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the GIF's frame is %d x %d".formatted(frameWidth, frameHeight));
    }
    limits.checkPixels(width, height);
    skipSubBlocks(in, at + 10 + paletteBytes(in.u8(at + 9)) + 1);
    return new GifHeader(
        new ImageInfo(ImageFormat.GIF, width, height, 3, 1), left, top, background);
  }

  @Override
  public RgbImage decodePixels(byte[] file) throws UndecodableImageException {
    return JdkCodec.decodeGif(file, this);
  }

  private static int paletteBytes(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
  }

  private static int skipSubBlocks(ByteReader in, int from) throws UndecodableImageException {
    int at = from;
    while (in.u8(at) != 0) {
      at += in.u8(at) + 1;
    }
    return at + 1;
  }
}
