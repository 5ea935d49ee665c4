package dev.octavo.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;

import dev.octavo.image.codec.RgbImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.opencv.opencv_core.Mat;

/** Images for tests: made here, or read from the resources beside this class. */
public final class TestImages {
  private TestImages() {}

  public static byte[] resource(String name) throws IOException {
    try (InputStream in = TestImages.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  /** The pattern that the resampling fixtures were made of. */
  public static RgbImage pattern(int width, int height) {
    byte[] pixels = new byte[3 * width * height];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          pixels[i++] = (byte) (x * x * 7 + y * 13 + c * 101 + x * y * 3);
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /** Quarters: red, green (above), blue, white (below). */
  public static BufferedImage quarters(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        boolean right = x >= width / 2;
        boolean below = y >= height / 2;
        int rgb = below ? (right ? 0xffffff : 0x0000ff) : (right ? 0x00ff00 : 0xff0000);
        image.setRGB(x, y, 0xff000000 | rgb);
      }
    }
    return image;
  }

  public static byte[] write(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (!ImageIO.write(image, format, out)) {
      throw new IOException("the JDK can't write this image as " + format);
    }
    return out.toByteArray();
  }

  /** Slopes and waves with some grain, as in an image; no two orientations of it are alike. */
  public static RgbImage photo(int width, int height) {
    Random grain = new Random(1);
    byte[] pixels = new byte[3 * width * height];
    for (int y = 0, i = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double u = (double) x / width;
        double v = (double) y / height;
        double light = 40 + 120 * u * u + 50 * v + 20 * Math.sin(9 * u + 5 * v);
        for (int c = 0; c < 3; c++) {
          double value = light + 15 * Math.sin(3 * c + 7 * v) + 4 * grain.nextGaussian();
          pixels[i++] = (byte) Math.max(0, Math.min(255, value));
        }
      }
    }
    return new RgbImage(width, height, pixels);
  }

  /** A file as OpenCV writes it: {@code parameters} are names and values of imencode. */
  public static byte[] encode(RgbImage image, String extension, int... parameters) {
    try (Mat mat = new Mat(image.height(), image.width(), CV_8UC3);
        BytePointer out = new BytePointer();
        BytePointer data = mat.data();
        IntPointer options = new IntPointer(parameters)) {
      byte[] bgr = image.pixels().clone();
      for (int i = 0; i < bgr.length; i += 3) {
        bgr[i] = image.pixels()[i + 2];
        bgr[i + 2] = image.pixels()[i];
      }
      data.capacity(bgr.length).put(bgr, 0, bgr.length);
      if (!imencode(extension, mat, out, options)) {
        throw new IllegalArgumentException("OpenCV can't write " + extension);
      }
      byte[] file = new byte[(int) out.limit()];
      out.get(file);
      return file;
    }
  }

  /** The same of the mean of the colours. */
  public static byte[] encodeGray(RgbImage image, String extension, int... parameters) {
    try (Mat mat = new Mat(image.height(), image.width(), CV_8UC1);
        BytePointer out = new BytePointer();
        BytePointer data = mat.data();
        IntPointer options = new IntPointer(parameters)) {
      byte[] rgb = image.pixels();
      byte[] gray = new byte[rgb.length / 3];
      for (int i = 0; i < gray.length; i++) {
        int sum = (rgb[3 * i] & 0xff) + (rgb[3 * i + 1] & 0xff) + (rgb[3 * i + 2] & 0xff);
        gray[i] = (byte) (sum / 3);
      }
      data.capacity(gray.length).put(gray, 0, gray.length);
      if (!imencode(extension, mat, out, options)) {
        throw new IllegalArgumentException("OpenCV can't write " + extension);
      }
      byte[] file = new byte[(int) out.limit()];
      out.get(file);
      return file;
    }
  }

  public static BufferedImage buffered(RgbImage image, int type) {
    BufferedImage buffered = new BufferedImage(image.width(), image.height(), type);
    for (int i = 0; i < image.width() * image.height(); i++) {
      byte[] rgb = image.pixels();
      int colour =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      buffered.setRGB(i % image.width(), i / image.width(), 0xff000000 | colour);
    }
    return buffered;
  }

  /** A JPEG with an Exif segment that holds nothing but an orientation. */
  public static byte[] withExifOrientation(byte[] jpeg, int orientation) {
    ByteBuffer exif = ByteBuffer.allocate(36).order(ByteOrder.BIG_ENDIAN);
    exif.putShort((short) 0xffe1).putShort((short) 34);
    exif.put("Exif\0\0MM\0*".getBytes(StandardCharsets.US_ASCII)).putInt(8);
    exif.putShort((short) 1); // entries
    exif.putShort((short) 0x0112).putShort((short) 3).putInt(1);
    exif.putShort((short) orientation).putShort((short) 0);
    exif.putInt(0);
    byte[] file = new byte[jpeg.length + 36];
    System.arraycopy(jpeg, 0, file, 0, 2);
    System.arraycopy(exif.array(), 0, file, 2, 36);
    System.arraycopy(jpeg, 2, file, 38, jpeg.length - 2);
    return file;
  }

  /** The colour of a pixel as {@code rrggbb}. */
  public static String at(RgbImage image, int x, int y) {
    int i = 3 * (y * image.width() + x);
    return "%02x%02x%02x"
        .formatted(image.pixels()[i], image.pixels()[i + 1], image.pixels()[i + 2]);
  }

  /**
   * The quarters of an image, read row by row, each as the nearest of {@code K R G B C M Y W}: the
   * first letter of black, red, green, blue, cyan, magenta, yellow, white.
   */
  public static String colours(RgbImage image) {
    StringBuilder letters = new StringBuilder();
    for (int quarter = 0; quarter < 4; quarter++) {
      int x = image.width() * (quarter % 2 == 0 ? 1 : 3) / 4;
      int y = image.height() * (quarter / 2 == 0 ? 1 : 3) / 4;
      int i = 3 * (y * image.width() + x);
      int bits = 0;
      for (int c = 0; c < 3; c++) {
        bits = bits << 1 | ((image.pixels()[i + c] & 0xff) >= 128 ? 1 : 0);
      }
      letters.append("KBGCRMYW".charAt(bits));
    }
    return letters.toString();
  }

  /**
   * Coloured rectangles on black.
   *
   * @param type as {@link BufferedImage} has them
   */
  public static BufferedImage rectangles(int width, int height, int type, Random random) {
    BufferedImage image = new BufferedImage(width, height, type);
    Graphics2D graphics = image.createGraphics();
    for (int i = 0; i < 12; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillRect(
          random.nextInt(width), random.nextInt(height), random.nextInt(99), random.nextInt(99));
    }
    graphics.dispose();
    return image;
  }
}
