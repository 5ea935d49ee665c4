package dev.octavo.image;

import dev.octavo.image.UndecodableImageException.Reason;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The JDK's decoders, for what OpenCV doesn't decode or gets wrong. */
final class JdkCodec {
  private JdkCodec() {}

  /** Decodes a file as the JDK's reader of its format does, alpha dropped. */
  static RgbImage decode(byte[] file, ImageInfo info) throws UndecodableImageException {
    BufferedImage image = read(file, info.format(), reader -> reader.read(0));
    int width = image.getWidth();
    int height = image.getHeight();
    int[] argb = image.getRGB(0, 0, width, height, null, 0, width);
    byte[] pixels = new byte[3 * argb.length];
    for (int i = 0, to = 0; i < argb.length; i++) {
      to = put(pixels, to, argb[i]);
    }
    return new RgbImage(width, height, pixels);
  }

  /**
   * A JPEG of four components. OpenCV takes every such file for one with inverted values, which
   * only Adobe's are; here the components are read raw.
   */
  static RgbImage decodeFourComponents(byte[] file, JpegHeader header)
      throws UndecodableImageException {
    Raster raster = read(file, ImageFormat.JPEG, reader -> reader.readRaster(0, null));
    int width = raster.getWidth();
    int height = raster.getHeight();
    byte[] pixels = new byte[3 * width * height];
    boolean adobe = header.adobeTransform() != JpegHeader.NO_ADOBE_SEGMENT;
    boolean ycck = header.adobeTransform() == 2;
    int[] row = new int[4 * width];
    int to = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < row.length; x += 4) {
        if (ycck) {
          yccToCmy(row, x);
        }
        // Adobe stores 255 - ink.
        int black = adobe ? row[x + 3] : 255 - row[x + 3];
        for (int c = 0; c < 3; c++) {
          int value = adobe ? row[x + c] : 255 - row[x + c];
          pixels[to++] = (byte) ((value * black + 127) / 255);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /** YCCK: 255 - RGB of the YCbCr (ITU-R BT.601, as JFIF scales it) is the stored CMY. */
  private static void yccToCmy(int[] row, int x) {
    double luma = row[x];
    double cb = row[x + 1] - 128;
    double cr = row[x + 2] - 128;
    row[x] = 255 - clip(luma + 1.402 * cr);
    row[x + 1] = 255 - clip(luma - 0.344136286 * cb - 0.714136286 * cr);
    row[x + 2] = 255 - clip(luma + 1.772 * cb);
  }

  private static int clip(double value) {
    return (int) Math.max(0, Math.min(255, Math.rint(value)));
  }

  private static int put(byte[] pixels, int to, int rgb) {
    pixels[to] = (byte) (rgb >> 16);
    pixels[to + 1] = (byte) (rgb >> 8);
    pixels[to + 2] = (byte) rgb;
    return to + 3;
  }

  private interface Decoding<T> {
    T with(ImageReader reader) throws IOException;
  }

  private static <T> T read(byte[] file, ImageFormat format, Decoding<T> decoding)
      throws UndecodableImageException {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.name());
    if (!readers.hasNext()) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the %s can't be decoded".formatted(format));
    }
    ImageReader reader = readers.next();
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      reader.setInput(in, true, true);
      return decoding.with(reader);
    } catch (IOException e) {
      throw new UndecodableImageException(
          Reason.CORRUPT, "the %s can't be decoded: %s".formatted(format, e.getMessage()), e);
    } finally {
      reader.dispose();
    }
  }
}
