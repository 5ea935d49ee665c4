package dev.octavo.image.codec;

import static dev.octavo.image.TestImages.at;
import static dev.octavo.image.TestImages.colours;
import static dev.octavo.image.TestImages.quarters;
import static dev.octavo.image.TestImages.resource;
import static dev.octavo.image.TestImages.withExifOrientation;
import static dev.octavo.image.TestImages.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imencode;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageDecoderTest {
  private static final String UPRIGHT = "RGBW";

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "gif", "bmp", "tiff"})
  void findsTheFormatByContentAndDecodesToRgb(String format) throws Exception {
    byte[] file = write(quarters(40, 24, BufferedImage.TYPE_INT_RGB), format);
    ImageInfo info = ImageDecoder.probe(file, DecodeLimits.DEFAULT);
    assertThat(info.format().name()).startsWithIgnoringCase(format.substring(0, 2));
    assertThat(info.width()).isEqualTo(40);
    assertThat(info.height()).isEqualTo(24);
    assertThat(info.channels()).isEqualTo(3);
    assertThat(info.orientation()).isEqualTo(1);
    RgbImage image = decode(file);
    assertThat(image.width()).isEqualTo(40);
    assertThat(colours(image)).isEqualTo(UPRIGHT);
  }

  @Test
  void decodesWebp() throws Exception {
    byte[] file = webp();
    assertThat(ImageDecoder.probe(file, DecodeLimits.DEFAULT))
        .isEqualTo(new ImageInfo(ImageFormat.WEBP, 40, 24, 3, 1));
    assertThat(colours(decode(file))).isEqualTo(UPRIGHT);
  }

  @ParameterizedTest
  @CsvSource({
    "1, RGBW", "2, GRWB", "3, WBGR", "4, BWRG", "5, RBGW", "6, BRWG", "7, WGBR", "8, GWRB"
  })
  void appliesEachExifOrientationOnce(int orientation, String expected) throws Exception {
    byte[] jpeg = write(quarters(64, 32, BufferedImage.TYPE_INT_RGB), "jpg");
    RgbImage image = decode(withExifOrientation(jpeg, orientation));
    assertThat(colours(image)).isEqualTo(expected);
    assertThat(image.width()).isEqualTo(orientation >= 5 ? 32 : 64);
    ImageInfo info =
        ImageDecoder.probe(withExifOrientation(jpeg, orientation), DecodeLimits.DEFAULT);
    assertThat(info).isEqualTo(new ImageInfo(ImageFormat.JPEG, 64, 32, 3, orientation));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 65535})
  void takesANonsensicalOrientationForUpright(int orientation) throws Exception {
    byte[] jpeg = write(quarters(64, 32, BufferedImage.TYPE_INT_RGB), "jpg");
    assertThat(colours(decode(withExifOrientation(jpeg, orientation)))).isEqualTo(UPRIGHT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cmyk.jpg", "ycck.jpg"})
  void convertsFourInksToRgb(String name) throws Exception {
    byte[] file = resource(name);
    assertThat(ImageDecoder.probe(file, DecodeLimits.DEFAULT).channels()).isEqualTo(4);
    assertThat(colours(decode(file))).isEqualTo("CMYK");
  }

  @Test
  void spreadsGrayOverThreeChannels() throws Exception {
    BufferedImage gray = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    gray.getRaster().setSample(3, 2, 0, 77);
    byte[] file = write(gray, "png");
    assertThat(ImageDecoder.probe(file, DecodeLimits.DEFAULT).channels()).isEqualTo(1);
    assertThat(at(decode(file), 3, 2)).isEqualTo("4d4d4d");
  }

  @Test
  void keepsTheHighByteOf16BitSamples() throws Exception {
    BufferedImage gray = new BufferedImage(8, 8, BufferedImage.TYPE_USHORT_GRAY);
    gray.getRaster().setSample(3, 2, 0, 0x4dff);
    assertThat(at(decode(write(gray, "png")), 3, 2)).isEqualTo("4d4d4d");
  }

  @Test
  void looksUpPalettes() throws Exception {
    byte[] file = write(quarters(20, 20, BufferedImage.TYPE_BYTE_INDEXED), "png");
    assertThat(file[25]).as("the PNG's colour type is palette").isEqualTo((byte) 3);
    assertThat(colours(decode(file))).isEqualTo(UPRIGHT);
  }

  @Test
  void dropsAlphaAndKeepsTheColourBeneath() throws Exception {
    BufferedImage transparent = new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB);
    transparent.setRGB(1, 1, 0x00c08040);
    byte[] file = write(transparent, "png");
    assertThat(ImageDecoder.probe(file, DecodeLimits.DEFAULT).channels()).isEqualTo(4);
    assertThat(at(decode(file), 1, 1)).isEqualTo("c08040");
  }

  /** The bits of one pixel, which are stretched to 8 as Pillow does. */
  @ParameterizedTest
  @CsvSource({
    "0, 7fff, ffffff", "0, 7c00, ff0000", "0, 03e0, 00ff00", "0, 0421, 080808",
    "0, 4210, 838383", "3, ffff, ffffff", "3, 07e0, 00ff00", "3, 0841, 080808"
  })
  void stretchesChannelsOfABmp(int compression, String pixel, String expected) throws Exception {
    ByteBuffer bmp = ByteBuffer.allocate(70).order(ByteOrder.LITTLE_ENDIAN);
    bmp.put((byte) 'B').put((byte) 'M').putInt(70).putInt(0).putInt(66);
    bmp.putInt(40).putInt(1).putInt(1).putShort((short) 1).putShort((short) 16);
    bmp.putInt(compression).position(54).putInt(0xf800).putInt(0x7e0).putInt(0x1f);
    bmp.putShort((short) Integer.parseInt(pixel, 16));
    assertThat(at(decode(bmp.array()), 0, 0)).isEqualTo(expected);
  }

  @Test
  void refusesADecompressionBombByItsHeaderAlone() {
    byte[] bomb = pngHeader(60_000, 60_000);
    assertRefused(
        bomb,
        DecodeLimits.DEFAULT,
        Reason.TOO_MANY_PIXELS,
        "60000 x 60000 pixels exceed the limit of 89478485");
  }

  @Test
  void refusesMorePixelsOrBytesThanTheLimits() throws Exception {
    byte[] file = write(quarters(10, 10, BufferedImage.TYPE_INT_RGB), "png");
    assertThat(ImageDecoder.decode(file, new DecodeLimits(100, file.length)).width()).isEqualTo(10);
    assertRefused(
        file, new DecodeLimits(99, 1000), Reason.TOO_MANY_PIXELS, "10 x 10 pixels exceed");
    assertRefused(
        file,
        new DecodeLimits(100, file.length - 1),
        Reason.TOO_MANY_BYTES,
        "exceed the limit of " + (file.length - 1));
  }

  @Test
  void refusesWhatIsNoImage() {
    assertRefused(new byte[0], DecodeLimits.DEFAULT, Reason.EMPTY, "the file is empty");
    assertRefused(
        "<html>".getBytes(StandardCharsets.US_ASCII),
        DecodeLimits.DEFAULT,
        Reason.NOT_AN_IMAGE,
        "an HTML page");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "gif", "bmp", "webp"})
  void refusesEveryTruncation(String format) throws Exception {
    byte[] file =
        format.equals("webp")
            ? webp()
            : write(quarters(40, 24, BufferedImage.TYPE_INT_RGB), format);
    int needed = file.length - dispensable(format);
    for (int length = 30; length < needed; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThatThrownBy(() -> decode(cut), "%s cut to %d of %d", format, length, file.length)
          .isInstanceOf(UndecodableImageException.class);
    }
  }

  /** Bytes at a file's end that hold no pixels. */
  private static int dispensable(String format) {
    return switch (format) {
      case "gif" -> 1; // its trailer
      case "jpg" -> 2; // the end-of-image marker
      case "png" -> 24; // the end chunk, and checksums of chunk and data
      default -> 0;
    };
  }

  @Test
  void neitherCrashesNorHangsOnDamagedFiles() throws Exception {
    Random random = new Random(7);
    byte[][] files = {
      write(quarters(40, 24, BufferedImage.TYPE_INT_RGB), "jpg"),
      write(quarters(40, 24, BufferedImage.TYPE_INT_RGB), "png"),
      write(quarters(40, 24, BufferedImage.TYPE_INT_RGB), "gif"),
      write(quarters(40, 24, BufferedImage.TYPE_INT_RGB), "bmp"),
      write(quarters(40, 24, BufferedImage.TYPE_INT_RGB), "tiff"),
      webp()
    };
    DecodeLimits limits = new DecodeLimits(1_000_000, 1_000_000);
    int refused = 0;
    int decoded = 0;
    for (int i = 0; i < 1200; i++) {
      byte[] file = files[i % files.length].clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        ImageDecoder.decode(file, limits);
        decoded++;
      } catch (UndecodableImageException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
    assertThat(decoded).isPositive();
  }

  private static RgbImage decode(byte[] file) throws UndecodableImageException {
    return ImageDecoder.decode(file, DecodeLimits.DEFAULT);
  }

  private static void assertRefused(
      byte[] file, DecodeLimits limits, Reason reason, String message) {
    assertThatThrownBy(() -> ImageDecoder.decode(file, limits))
        .isInstanceOfSatisfying(
            UndecodableImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private static byte[] webp() throws IOException {
    byte[] png = write(quarters(40, 24, BufferedImage.TYPE_INT_RGB), "png");
    try (BytePointer bytes = new BytePointer(png);
        Mat encoded = new Mat(1, png.length, CV_8UC1, bytes);
        Mat image = imdecode(encoded, IMREAD_COLOR);
        BytePointer out = new BytePointer()) {
      assertThat(imencode(".webp", image, out)).isTrue();
      byte[] file = new byte[(int) out.limit()];
      out.get(file);
      return file;
    }
  }

  /** A PNG with a valid header and end, and nothing between. */
  private static byte[] pngHeader(int width, int height) {
    ByteBuffer file = ByteBuffer.allocate(8 + 25 + 12);
    file.putLong(0x89504e470d0a1a0aL);
    file.putInt(13).putInt(0x49484452).putInt(width).putInt(height);
    file.put(new byte[] {8, 2, 0, 0, 0});
    CRC32 crc = new CRC32();
    crc.update(file.array(), 12, 17);
    file.putInt((int) crc.getValue());
    file.putInt(0).putInt(0x49454e44).putInt(0xae426082);
    return file.array();
  }
}
