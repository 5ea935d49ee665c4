package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A GIF up to the end of its first frame.
 *
 * @param info size of the logical screen, widened where the first frame reaches beyond it
 * @param frame the first frame
 * @param background palette index of what the first frame leaves uncovered: its transparent colour,
 *     or 0
 */
record GifHeader(ImageInfo info, GifFrame frame, int background) implements Header {
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2c;
  private static final int GRAPHIC_CONTROL = 0xf9;

  /** Reads to the end of the first frame: a file that ends before is truncated. */
  static GifHeader read(byte[] file, DecodeLimits limits) throws UndecodableImageException {
    ByteReader in = new ByteReader(file, ByteOrder.LITTLE_ENDIAN, "GIF");
    int palette = 13;
    int paletteSize = paletteSize(in.u8(10));
    int at = palette + 3 * paletteSize;
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
    int flags = in.u8(at + 9);
    if (frameWidth == 0 || frameHeight == 0) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the GIF's frame is %d x %d".formatted(frameWidth, frameHeight));
    }
    int width = Math.max(in.u16(6), left + frameWidth);
    int height = Math.max(in.u16(8), top + frameHeight);
    limits.checkPixels(width, height);
    at += 10;
    if (paletteSize(flags) > 0) {
      palette = at;
      paletteSize = paletteSize(flags);
      at += 3 * paletteSize;
    }
    skipSubBlocks(in, at + 1);
    boolean interlaced = (flags & 0x40) != 0;
    return new GifHeader(
        new ImageInfo(ImageFormat.GIF, width, height, 3, 1),
        new GifFrame(left, top, frameWidth, frameHeight, interlaced, palette, paletteSize, at),
        background);
  }

  private static int paletteSize(int flags) {
    return (flags & 0x80) == 0 ? 0 : 1 << ((flags & 7) + 1);
  }

  private static int skipSubBlocks(ByteReader in, int from) throws UndecodableImageException {
    int at = from;
    while (in.u8(at) != 0) {
      at += in.u8(at) + 1;
    }
    return at + 1;
  }

  /** The first frame on the logical screen. */
  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    byte[] pixels = new byte[3 * info.width() * info.height()];
    boolean covered = frame.width() == info.width() && frame.height() == info.height();
    for (int to = 0; !covered && to < pixels.length; to += 3) {
      frame.putColour(file, background, pixels, to);
    }
    byte[] indices = frame.decode(file);
    for (int y = 0; y < frame.height(); y++) {
      int to = 3 * ((frame.top() + y) * info.width() + frame.left());
      for (int x = 0; x < frame.width(); x++, to += 3) {
        frame.putColour(file, indices[y * frame.width() + x] & 0xff, pixels, to);
      }
    }
    return PixelView.of(ByteBuffer.wrap(pixels), info.width(), info.height());
  }
}
