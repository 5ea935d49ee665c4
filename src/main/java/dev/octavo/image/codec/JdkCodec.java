package dev.octavo.image.codec;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The JDK's decoders, for what OpenCV refuses. */
final class JdkCodec {
  private JdkCodec() {}

  /** A file that the JDK can't decode either. */
  static final class Failure extends Exception {
    private static final long serialVersionUID = 1L;

    Failure(Throwable cause) {
      super(cause.getMessage() == null ? cause.toString() : cause.getMessage(), cause);
    }
  }

  /**
   * The pixels as stored.
   *
   * @param format as the JDK names it
   * @param info what the file's header says, whose limits were checked
   * @throws UndecodableImageException if the image has another size than the header says
   */
  static PixelView decode(byte[] file, String format, ImageInfo info)
      throws UndecodableImageException, Failure {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      if (reader.getWidth(0) != info.width() || reader.getHeight(0) != info.height()) {
        throw info.otherSize(reader.getWidth(0), reader.getHeight(0));
      }
      BufferedImage image = reader.read(0);
      int[] argb = new int[info.width()];
      byte[] pixels = new byte[3 * info.width() * info.height()];
      for (int y = 0, to = 0; y < info.height(); y++) {
        image.getRGB(0, y, info.width(), 1, argb, 0, info.width());
        for (int colour : argb) {
          pixels[to++] = (byte) (colour >> 16);
          pixels[to++] = (byte) (colour >> 8);
          pixels[to++] = (byte) colour;
        }
      }
      return PixelView.of(ByteBuffer.wrap(pixels), info.width(), info.height());
    } catch (IOException | RuntimeException e) { // damaged files lead its readers anywhere
      throw new Failure(e);
    } finally {
      reader.dispose();
    }
  }
}
