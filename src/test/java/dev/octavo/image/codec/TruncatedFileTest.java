package dev.octavo.image.codec;

import static dev.octavo.image.TestImages.buffered;
import static dev.octavo.image.TestImages.encode;
import static dev.octavo.image.TestImages.photo;
import static dev.octavo.image.TestImages.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.image.TestImages;
import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files without their end, which count as whole if the data covers all rows. */
final class TruncatedFileTest {
  private static final byte[] JPEG_END = {(byte) 0xff, (byte) 0xd9};
  private static final int IEND = 12;

  /** Encoder, sampling factors, restart interval. */
  @ParameterizedTest
  @CsvSource({
    "baseline, 0x111111, 0",
    "baseline, 0x221111, 0",
    "baseline, 0x211111, 3",
    "baseline, 0x411111, 1",
    "gray, 0x111111, 0",
    "gray, 0x111111, 2",
    "progressive, 0x111111, 0",
    "progressive, 0x221111, 0",
    "progressive, 0x121111, 5",
    "cmyk, 0x111111, 0"
  })
  void takesAJpegWithoutItsEndForWholeOnlyIfAllRowsAreThere(
      String kind, String sampling, int restart) throws Exception {
    byte[] file = jpeg(kind, Integer.decode(sampling), restart, 41, 39);
    ImageDecoder.Decoded whole = decode(file);
    assertThat(whole.info().warning()).isNull();

    byte[] trailer = "SEFH\0\1ÿÄ\0\0 and so on".getBytes(StandardCharsets.ISO_8859_1);
    for (byte[] end : new byte[][] {{}, {(byte) 0xff}, trailer, file}) {
      ImageDecoder.Decoded decoded = decode(join(withoutEnd(file), end));
      assertThat(decoded.info().warning())
          .isEqualTo(
              "the JPEG has no end-of-image marker, but all of its %d rows"
                  .formatted(whole.info().height()));
      assertThat(decoded.image().pixels()).isEqualTo(whole.image().pixels());
    }
    int data = firstScan(file);
    for (int length = data; length < file.length - 2; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertTruncated(() -> decode(cut), kind + " cut to " + length);
    }
    for (int length = data; length < file.length - 2; length++) {
      byte[] cut = join(Arrays.copyOf(file, length), JPEG_END);
      String what = kind + " cut to " + length + ", then an end";
      if (kind.equals("progressive") && isWhole(cut)) {
        // Cut between two scans.
        assertThat(decode(cut).info().warning()).as(what).contains("last scans are missing");
      } else {
        assertTruncated(() -> decode(cut), what);
      }
    }
  }

  private static boolean isWhole(byte[] file) {
    try {
      ImageDecoder.probe(file, DecodeLimits.DEFAULT);
      return true;
    } catch (UndecodableImageException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x111111, 0x221111, 0x411111})
  void findsTheMissingRowsOfALargeJpegWithAnEndMarker(int sampling) throws Exception {
    byte[] file = jpeg("baseline", sampling, 0, 801, 601);
    assertThat(file.length).isGreaterThan(100_000);
    for (int i = 1; i < 12; i++) {
      byte[] cut = join(Arrays.copyOf(file, file.length / 12 * i), JPEG_END);
      assertTruncated(() -> decode(cut), "cut to " + i + "/12");
    }
  }

  @Test
  void saysHowManyRowsThereAre() throws Exception {
    byte[] file = jpeg("baseline", 0x221111, 0, 64, 640);
    byte[] half = join(Arrays.copyOf(file, file.length / 2), JPEG_END);
    assertThatThrownBy(() -> decode(half))
        .hasMessageMatching("the JPEG's data ends after (2|3)\\d\\d of 640 rows");
  }

  @Test
  void remarksThatFineDetailIsMissing() throws Exception {
    byte[] file = jpeg("progressive", 0x221111, 0, 64, 48);
    int last = 0;
    for (int i = 0; i + 1 < file.length; i++) {
      if (file[i] == (byte) 0xff && file[i + 1] == (byte) 0xc4) {
        last = i;
      }
    }
    ImageDecoder.Decoded decoded = decode(join(Arrays.copyOf(file, last), JPEG_END));
    assertThat(decoded.info().warning())
        .isEqualTo("the JPEG's last scans are missing: all rows are there, fine detail isn't");
  }

  @Test
  void refusesPassesWithoutNumber() throws Exception {
    byte[] file = jpeg("progressive", 0x111111, 0, 64, 64);
    DecodeLimits limits = new DecodeLimits(64 * 64, 1 << 20);
    assertThat(ImageDecoder.decode(file, limits).width()).isEqualTo(64);
    int scan = file.length - 2;
    while (file[scan] != (byte) 0xff || file[scan + 1] != (byte) 0xda) {
      scan--;
    }
    byte[] again = Arrays.copyOfRange(file, scan, file.length - 2);
    byte[] many = withoutEnd(file);
    for (int i = 0; i < 20; i++) {
      many = join(many, again);
    }
    byte[] bomb = join(many, JPEG_END);
    assertThatThrownBy(() -> ImageDecoder.decode(bomb, limits))
        .isInstanceOfSatisfying(
            UndecodableImageException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MUCH_WORK))
        .hasMessage("64 x 64 pixels in 21 scans exceed the limit of 20 scans of 4096 pixels");
  }

  @Test
  void takesAPngWithoutItsEndForWholeOnlyIfAllRowsAreThere() throws Exception {
    byte[] file = write(buffered(photo(41, 39), BufferedImage.TYPE_INT_RGB), "png");
    ImageDecoder.Decoded whole = decode(file);
    for (int missing = 1; missing <= IEND + 4; missing++) { // the last data's checksum, too
      ImageDecoder.Decoded decoded = decode(Arrays.copyOf(file, file.length - missing));
      assertThat(decoded.info().warning())
          .isEqualTo("the PNG has no end chunk, but all of its 39 rows");
      assertThat(decoded.image().pixels()).isEqualTo(whole.image().pixels());
    }
    for (int length = 33; length < file.length - 60; length += 7) {
      byte[] cut = Arrays.copyOf(file, length);
      assertTruncated(() -> decode(cut), "PNG cut to " + length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void findsTheMissingRowsOfAPngWithAnEnd(int interlaced) throws Exception {
    byte[] rows = new byte[40 * (1 + 3 * 16)];
    new Random(1).nextBytes(rows);
    byte[] cut = png(16, 48, interlaced, rows);
    assertThatThrownBy(() -> decode(cut))
        .isInstanceOfSatisfying(
            UndecodableImageException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.TRUNCATED));
  }

  /** A PNG of 8-bit colour whose rows aren't filtered. */
  private static byte[] png(int width, int height, int interlaced, byte[] rows) {
    for (int i = 0; i < rows.length; i += 1 + 3 * width) {
      rows[i] = 0;
    }
    java.util.zip.Deflater deflater = new java.util.zip.Deflater();
    deflater.setInput(rows);
    deflater.finish();
    byte[] packed = new byte[rows.length + 100];
    int size = deflater.deflate(packed);
    deflater.end();
    ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
    header.put(new byte[] {8, 2, 0, 0, (byte) interlaced});
    ByteBuffer file = ByteBuffer.allocate(8 + 25 + 12 + size + 12).putLong(0x89504e470d0a1a0aL);
    chunk(file, "IHDR", header.array());
    chunk(file, "IDAT", Arrays.copyOf(packed, size));
    chunk(file, "IEND", new byte[0]);
    return file.array();
  }

  private static void chunk(ByteBuffer file, String type, byte[] data) {
    int start = file.position() + 4;
    file.putInt(data.length).put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 crc = new CRC32();
    crc.update(file.slice(start, data.length + 4));
    file.putInt((int) crc.getValue());
  }

  private static byte[] jpeg(String kind, int sampling, int restart, int width, int height)
      throws Exception {
    if (kind.equals("cmyk")) {
      return TestImages.resource("cmyk.jpg").clone();
    }
    RgbImage image = photo(width, height);
    if (kind.equals("gray")) {
      return TestImages.encodeGray(
          image, ".jpg", opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL, restart);
    }
    return encode(
        image,
        ".jpg",
        opencv_imgcodecs.IMWRITE_JPEG_SAMPLING_FACTOR,
        sampling,
        opencv_imgcodecs.IMWRITE_JPEG_RST_INTERVAL,
        restart,
        opencv_imgcodecs.IMWRITE_JPEG_PROGRESSIVE,
        kind.equals("progressive") ? 1 : 0);
  }

  private static int firstScan(byte[] jpeg) {
    for (int i = 2; ; i++) {
      if (jpeg[i] == (byte) 0xff && jpeg[i + 1] == (byte) 0xda) {
        return i + 2 + ((jpeg[i + 2] << 8) | (jpeg[i + 3] & 0xff));
      }
    }
  }

  private static byte[] withoutEnd(byte[] jpeg) {
    return Arrays.copyOf(jpeg, jpeg.length - 2);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static void assertTruncated(ThrowingCallable decoding, String what) {
    assertThatThrownBy(decoding)
        .as(what)
        .isInstanceOfSatisfying(
            UndecodableImageException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.TRUNCATED));
  }

  private static ImageDecoder.Decoded decode(byte[] file) throws UndecodableImageException {
    return ImageDecoder.decodeWithInfo(file, DecodeLimits.DEFAULT);
  }
}
