package dev.octavo.ingest;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;

/** Small images for tests of the pipeline. */
final class TinyImages {
  private TinyImages() {}

  static byte[] png(int width, int height) throws IOException {
    return write(width, height, 0, "png");
  }

  /** An image whose colours depend on {@code variant}, in a format of the JDK. */
  static byte[] write(int width, int height, int variant, String format) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, 0x10203 * (x + 3 * y) + 0x3b1d * variant);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (!ImageIO.write(image, format, out)) {
      throw new IOException("the JDK writes no " + format);
    }
    return out.toByteArray();
  }
}
