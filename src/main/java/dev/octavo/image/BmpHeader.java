package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The file and information headers of a Windows bitmap. */
record BmpHeader(ImageInfo info) implements Header {
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
    return new BmpHeader(new ImageInfo(ImageFormat.BMP, (int) width, (int) height, channels, 1));
  }

  /** OpenCV refuses run lengths that leave their row, which the JDK, like most viewers, accepts. */
  @Override
  public PixelView decodePixels(byte[] file, OpenCvCodec codec, int side)
      throws UndecodableImageException {
    try {
      return codec.decode(file, info);
    } catch (UndecodableImageException refused) {
      return decodeByJdk(file, refused);
    }
  }

  private PixelView decodeByJdk(byte[] file, UndecodableImageException refused)
      throws UndecodableImageException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("BMP").next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      BufferedImage image = reader.read(0);
      if (image.getWidth() != info.width() || image.getHeight() != info.height()) {
        throw info.otherSize(image.getWidth(), image.getHeight());
      }
      int[] argb =
          image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
      byte[] pixels = new byte[3 * argb.length];
      for (int i = 0; i < argb.length; i++) {
        pixels[3 * i] = (byte) (argb[i] >> 16);
        pixels[3 * i + 1] = (byte) (argb[i] >> 8);
        pixels[3 * i + 2] = (byte) argb[i];
      }
      return PixelView.of(ByteBuffer.wrap(pixels), info.width(), info.height());
    } catch (IOException | RuntimeException e) { // damaged files lead its readers anywhere
      refused.addSuppressed(e);
      throw refused;
    } finally {
      reader.dispose();
    }
  }
}
