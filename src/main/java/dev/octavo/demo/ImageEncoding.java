package dev.octavo.demo;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** The encodings of images: the one of nearly all files of Indoor-67, and those of some. */
enum ImageEncoding {
  /** A colour JPEG. */
  JPEG {
    @Override
    byte[] encode(BufferedImage image) throws IOException {
      return write("jpeg", new IIOImage(image, null, null));
    }
  },
  /** A JPEG with one channel. */
  GRAY {
    @Override
    byte[] encode(BufferedImage image) throws IOException {
      return JPEG.encode(copy(image, BufferedImage.TYPE_BYTE_GRAY));
    }
  },
  /** A JPEG with four channels, as programs for print make them. */
  CMYK {
    @Override
    byte[] encode(BufferedImage image) throws IOException {
      return write("jpeg", new IIOImage(inks(image), null, null));
    }
  },
  /** A GIF, whatever its name says. */
  GIF {
    @Override
    byte[] encode(BufferedImage image) throws IOException {
      return write("gif", new IIOImage(copy(image, BufferedImage.TYPE_BYTE_INDEXED), null, null));
    }
  },
  /** A PNG, whatever its name says. */
  PNG {
    @Override
    byte[] encode(BufferedImage image) throws IOException {
      return write("png", new IIOImage(image, null, null));
    }
  },
  /** A JPEG that ends within its header, as after a broken download. */
  TRUNCATED {
    @Override
    byte[] encode(BufferedImage image) throws IOException {
      return Arrays.copyOf(JPEG.encode(image), 100);
    }
  };

  /** The file's bytes. */
  abstract byte[] encode(BufferedImage image) throws IOException;

  private static BufferedImage copy(BufferedImage image, int type) {
    BufferedImage copy = new BufferedImage(image.getWidth(), image.getHeight(), type);
    copy.createGraphics().drawImage(image, 0, 0, null);
    return copy;
  }

  /**
   * Cyan, magenta, yellow and black for each pixel, with as much black as there can be. Inverted,
   * as Adobe's programs write them and as every decoder takes them: 255 is no ink.
   */
  private static Raster inks(BufferedImage image) {
    WritableRaster inks =
        Raster.createInterleavedRaster(
            DataBuffer.TYPE_BYTE, image.getWidth(), image.getHeight(), 4, null);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        int red = rgb >> 16 & 0xff;
        int green = rgb >> 8 & 0xff;
        int blue = rgb & 0xff;
        int light = Math.max(1, Math.max(red, Math.max(green, blue)));
        inks.setPixel(
            x, y, new int[] {255 * red / light, 255 * green / light, 255 * blue / light, light});
      }
    }
    return inks;
  }

  private static byte[] write(String format, IIOImage image) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(image);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
