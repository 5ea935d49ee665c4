package dev.octavo.image.codec;

import static dev.octavo.image.TestImages.buffered;
import static dev.octavo.image.TestImages.colours;
import static dev.octavo.image.TestImages.photo;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TIFFs of every kind; where nothing else is said, right is what Pillow 9.4 makes of them. */
final class TiffTest {
  private static final int EXTRA_SAMPLES = 338;

  private static final int[][] LAB_BY_PILLOW = {
    {254, 255, 254}, {119, 119, 119}, {195, 97, 95}, {164, 207, 91}, {239, 180, 158}
  };

  @ParameterizedTest
  @CsvSource({
    "1, 1, 8, 1, 10100000, ff 00 ff 00 00 00 00 00",
    "0, 1, 8, 1, 10100000, 00 ff 00 ff ff ff ff ff",
    "1, 2, 4, 1, 00011011, 00 55 aa ff",
    "1, 4, 2, 1, 00011111, 11 ff",
    "0, 4, 2, 1, 00011111, ee 00",
  })
  void decodesNarrowGray(
      int photometric, int bits, int width, int height, String pixels, String expected)
      throws Exception {
    byte strip = (byte) Integer.parseInt(pixels, 2);
    byte[] file = TestTiff.of(width, height, bits, photometric, 1, strip).bytes();
    assertThat(reds(file)).isEqualTo(expected);
  }

  @Test
  void decodesCmykOf8And16Bits() throws Exception {
    byte[] ink = {0, 64, (byte) 200, 30};
    byte[] wide = {99, 0, 99, 64, 99, (byte) 200, 99, 30};
    assertThat(rgb(TestTiff.of(1, 1, 8, 5, 4, ink).bytes())).isEqualTo("e1a931");
    assertThat(rgb(TestTiff.of(1, 1, 16, 5, 4, wide).bytes())).isEqualTo("e1a931");
  }

  @Test
  void decodesCieLab() throws Exception {
    int[][] lab = {{255, 0, 0}, {128, 0, 0}, {136, 40, 20}, {200, -28, 52}, {200, 20, 20}};
    byte[] strip = new byte[15];
    for (int i = 0; i < 15; i++) {
      strip[i] = (byte) lab[i / 3][i % 3];
    }
    RgbImage image = decode(TestTiff.of(5, 1, 8, 8, 3, strip).bytes());
    for (int i = 0; i < 15; i++) {
      assertThat(image.pixels()[i] & 0xff)
          .as("value %d", i)
          .isBetween(LAB_BY_PILLOW[i / 3][i % 3] - 1, LAB_BY_PILLOW[i / 3][i % 3] + 1);
    }
  }

  @Test
  void dividesColoursByAssociatedAlphaOnly() throws Exception {
    byte[] pixel = {50, 100, 10, (byte) 128};
    TestTiff associated = TestTiff.of(1, 1, 8, 2, 4, pixel).withShort(EXTRA_SAMPLES, 1);
    TestTiff straight = TestTiff.of(1, 1, 8, 2, 4, pixel).withShort(EXTRA_SAMPLES, 2);
    assertThat(rgb(associated.bytes())).isEqualTo("63c713");
    assertThat(rgb(straight.bytes())).isEqualTo("32640a");
  }

  @Test
  void leavesOutExtraSamples() throws Exception {
    byte[] pixels = {1, 2, 3, 9, 9, 4, 5, 6, 9, 9};
    TestTiff tiff = TestTiff.of(2, 1, 8, 2, 5, pixels).withShort(EXTRA_SAMPLES, 0, 0);
    assertThat(rgb(tiff.bytes())).isEqualTo("010203040506");
  }

  @Test
  void decodesBigTiff() throws Exception {
    byte[] file = TestTiff.big(2, 1, 8, 2, 3, new byte[] {1, 2, 3, 4, 5, 6}).bytes();
    assertThat(rgb(file)).isEqualTo("010203040506");
    byte[] wide = TestTiff.big(1, 1, 16, 1, 1, new byte[] {0x4d, (byte) 0xff}).bytes();
    assertThat(rgb(wide)).isEqualTo("4d4d4d");
  }

  @Test
  void decodesPalettesAndReversedBits() throws Exception {
    long[] map = new long[12];
    map[2] = 0x1234; // red of 2
    map[4 + 2] = 0xabcd;
    map[8 + 2] = 0xff00;
    byte two = (byte) 0b10_00_10_00;
    TestTiff palette = TestTiff.of(3, 1, 2, 3, 1, two).withShort(320, map);
    assertThat(rgb(palette.bytes())).isEqualTo("12abff00000012abff");
    byte one = 0b00000001;
    TestTiff reversed = TestTiff.of(2, 1, 1, 1, 1, one).withShort(266, 2);
    assertThat(reds(reversed.bytes())).isEqualTo("ff 00");
  }

  @ParameterizedTest
  @ValueSource(strings = {"LZW", "ZLib", "Deflate", "PackBits", "JPEG"})
  void decodesEveryCompressionThatTheJdkWrites(String compression) throws Exception {
    BufferedImage image = buffered(photo(201, 157), BufferedImage.TYPE_INT_RGB);
    RgbImage decoded = decode(write(image, compression));
    RgbImage original = photo(201, 157);
    if (!compression.equals("JPEG")) {
      assertThat(decoded.pixels()).isEqualTo(original.pixels());
    } else {
      for (int i = 0; i < decoded.pixels().length; i++) {
        assertThat(decoded.pixels()[i] & 0xff).isCloseTo(original.pixels()[i] & 0xff, within(60));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"CCITT RLE", "CCITT T.4", "CCITT T.6", "LZW", "PackBits"})
  void decodesFaxes(String compression) throws Exception {
    BufferedImage image = new BufferedImage(64, 48, BufferedImage.TYPE_BYTE_BINARY);
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 64; x++) {
        image.getRaster().setSample(x, y, 0, (x < 32) == (y < 24) ? 1 : 0);
      }
    }
    assertThat(colours(decode(write(image, compression)))).isEqualTo("WKKW");
  }

  @ParameterizedTest
  @CsvSource({
    "256, 3, TIFF's directory has tag 256 twice",
    "257, 9, TIFF's directory has tag 257 twice",
    "274, 3, TIFF's directory has tag 274 twice"
  })
  void refusesATagTwice(int tag, int type, String message) {
    TestTiff tiff = TestTiff.of(1, 1, 8, 1, 1, (byte) 5).with(tag, type, 30_000);
    byte[] file = (tag == 274 ? tiff.with(tag, type, 1) : tiff).bytes();
    assertRefused(file, Reason.CORRUPT, message);
  }

  @Test
  void refusesATagOfAnotherType() {
    byte[] file = TestTiff.of(1, 1, 8, 1, 1, (byte) 5).with(322, 9, 30_000).bytes();
    assertRefused(file, Reason.CORRUPT, "the TIFF's tag 322 is of type 9");
  }

  @Test
  void refusesTilesBeyondTheLimit() {
    byte[] file =
        TestTiff.of(1, 1, 8, 1, 1, (byte) 5).with(322, 4, 60_000).with(323, 4, 60_000).bytes();
    assertRefused(file, Reason.TOO_MANY_PIXELS, "60000 x 60000 pixels exceed the limit");
  }

  @Test
  void saysHowManyRowsAreThere() {
    byte[] file = TestTiff.of(4, 8, 8, 1, 1, new byte[12]).bytes();
    assertRefused(file, Reason.TRUNCATED, "the TIFF's data ends after 3 of 8 rows");
  }

  @ParameterizedTest
  @CsvSource({
    "34661, the TIFF is compressed by JBIG (34661)",
    "34712, the TIFF is compressed by JPEG 2000 (34712)",
    "50000, the TIFF is compressed by Zstandard (50000)",
    "6, the TIFF is compressed by old-style JPEG (6)"
  })
  void namesCompressionsThatAreNotSupported(int compression, String message) {
    byte[] file = TestTiff.of(8, 8, 8, 2, 3, new byte[99]).withShort(259, compression).bytes();
    assertRefused(file, Reason.UNSUPPORTED, message);
  }

  @ParameterizedTest
  @CsvSource({
    "9, 8, 3, 1, the TIFF's colours are of kind ICCLab (9)",
    "32803, 8, 1, 1, the TIFF's colours are of kind colour filter array",
    "1, 32, 1, 3, the TIFF has 32 bits per sample (floats)",
    "1, 16, 1, 2, the TIFF has 16 bits per sample (signed)"
  })
  void namesSamplesThatAreNotSupported(
      int photometric, int bits, int samples, int format, String message) {
    byte[] file =
        TestTiff.of(2, 2, bits, photometric, samples, new byte[99]).withShort(339, format).bytes();
    assertRefused(file, Reason.UNSUPPORTED, message);
  }

  private static byte[] write(BufferedImage image, String compression) throws Exception {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("TIFF").next();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    param.setCompressionType(compression);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static void assertRefused(byte[] file, Reason reason, String message) {
    assertThatThrownBy(() -> decode(file))
        .isInstanceOfSatisfying(
            UndecodableImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  private static RgbImage decode(byte[] file) throws UndecodableImageException {
    return ImageDecoder.decode(file, DecodeLimits.DEFAULT);
  }

  private static String rgb(byte[] file) throws UndecodableImageException {
    return HexFormat.of().formatHex(decode(file).pixels());
  }

  private static String reds(byte[] file) throws UndecodableImageException {
    byte[] pixels = decode(file).pixels();
    byte[] reds = new byte[pixels.length / 3];
    for (int i = 0; i < reds.length; i++) {
      reds[i] = pixels[3 * i];
    }
    return HexFormat.ofDelimiter(" ").formatHex(reds);
  }
}
