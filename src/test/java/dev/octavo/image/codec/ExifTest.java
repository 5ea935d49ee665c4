package dev.octavo.image.codec;

import static dev.octavo.image.TestImages.quarters;
import static dev.octavo.image.TestImages.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Orientations in blocks that are damaged or odd; Pillow gives the same for each. */
final class ExifTest {
  private static final String TURNED = entry(0x112, 3, 1, "00060000");
  private static final String UPRIGHT = entry(0x112, 3, 1, "00010000");
  private static final String OUTSIDE = entry(0x10f, 2, 99, "00ffffff");
  private static final String HEADER = "457869660000";

  @Test
  void keepsWhatStandsBeforeABrokenEntry() {
    assertThat(orientation(block(2, TURNED, OUTSIDE))).isEqualTo("6");
    assertThat(orientation(block(2, OUTSIDE, TURNED))).isEqualTo("none");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 500, 65535})
  void readsADirectoryThatClaimsTooManyEntries(int claimed) {
    assertThat(orientation(block(claimed, TURNED))).isEqualTo("6");
  }

  @Test
  void takesTheLastOfSeveralOrientations() {
    assertThat(orientation(block(2, UPRIGHT, TURNED))).isEqualTo("6");
    assertThat(orientation(block(2, TURNED, UPRIGHT))).isEqualTo("1");
    assertThat(orientation(block(2, TURNED, entry(0x112, 3, 0, "00010000")))).isEqualTo("6");
    assertThat(orientation(block(2, TURNED, entry(0x112, 99, 1, "00010000")))).isEqualTo("6");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void readsADoubledHeader(int headers) {
    assertThat(orientation(HEADER.repeat(headers) + block(1, TURNED))).isEqualTo("6");
  }

  @ParameterizedTest
  @CsvSource({
    "3, 1, 00060000, 6",
    "3, 2, 00060003, 6",
    "4, 1, 00000006, 6",
    "6, 1, 06000000, 6",
    "8, 1, 00060000, 6",
    "9, 1, 00000006, 6",
    "11, 1, 40c00000, 6",
    "1, 1, 06000000, 1",
    "2, 1, 36000000, 1",
    "7, 1, 06000000, 1",
    "3, 1, 00090000, 1",
    "3, 1, 00000000, 1"
  })
  void takesNumbersOfAnyType(int type, int count, String value, String expected) {
    assertThat(orientation(block(1, entry(0x112, type, count, value)))).isEqualTo(expected);
  }

  @Test
  void readsARationalNumber() {
    String rational = entry(0x112, 5, 1, "0000001a") + "00000000" + "0000000c" + "00000002";
    assertThat(orientation(block(1, rational))).isEqualTo("6");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "4d", "4d4d002a", "4d4d002a000000ff", "4d4d002affffffff", "58580000"})
  void findsNothingInBlocksWithoutDirectory(String block) {
    assertThat(orientation(block)).isEqualTo("none");
  }

  @ParameterizedTest
  @CsvSource({
    "tEXt, Raw profile type exif",
    "zTXt, Raw profile type exif",
    "iTXt, Raw profile type exif",
    "zTXt, Raw profile type APP1"
  })
  void readsTheRawProfileOfAPng(String chunk, String key) throws Exception {
    String hex = HEADER + block(1, TURNED);
    String profile = "\nexif\n      " + hex.length() / 2 + "\n" + hex.replaceAll(".{72}", "$0\n");
    byte[] png = write(quarters(8, 4, BufferedImage.TYPE_INT_RGB), "png");
    byte[] turned = withText(png, chunk, key, profile + "\n");
    assertThat(ImageDecoder.probe(turned, DecodeLimits.DEFAULT).orientation()).isEqualTo(6);
    byte[] damaged = withText(png, chunk, key, profile.replace("4d", "xy"));
    assertThat(ImageDecoder.probe(damaged, DecodeLimits.DEFAULT).orientation()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tiff:Orientation=\"6\"", "<tiff:Orientation>6</tiff:Orientation>"})
  void readsXmpThatIsCompressedOrNot(String xmp) throws Exception {
    byte[] png = write(quarters(8, 4, BufferedImage.TYPE_INT_RGB), "png");
    for (String chunk : new String[] {"iTXt", "iTXt compressed"}) {
      byte[] turned = withText(png, chunk, "XML:com.adobe.xmp", "<x " + xmp + "/>");
      assertThat(ImageDecoder.probe(turned, DecodeLimits.DEFAULT).orientation()).isEqualTo(6);
    }
  }

  private static String entry(int tag, int type, int count, String value) {
    return "%04x%04x%08x%s".formatted(tag, type, count, value);
  }

  private static String block(int claimed, String... entries) {
    return "4d4d002a00000008" + "%04x".formatted(claimed) + String.join("", entries);
  }

  private static String orientation(String hex) {
    var found = Exif.orientation(HexFormat.of().parseHex(hex));
    return found.isPresent() ? String.valueOf(found.getAsInt()) : "none";
  }

  /** Inserts a text before the pixels. */
  private static byte[] withText(byte[] png, String kind, String key, String text) {
    byte[] plain = text.getBytes(StandardCharsets.ISO_8859_1);
    boolean compressed = kind.startsWith("zTXt") || kind.endsWith("compressed");
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    data.writeBytes(key.getBytes(StandardCharsets.ISO_8859_1));
    data.write(0);
    if (kind.startsWith("iTXt")) {
      data.writeBytes(new byte[] {(byte) (compressed ? 1 : 0), 0, 'e', 'n', 0, 'x', 0});
    } else if (compressed) {
      data.write(0);
    }
    data.writeBytes(compressed ? deflated(plain) : plain);
    ByteBuffer chunk = ByteBuffer.allocate(data.size() + 12).putInt(data.size());
    chunk.put(kind.substring(0, 4).getBytes(StandardCharsets.US_ASCII)).put(data.toByteArray());
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, data.size() + 4);
    chunk.putInt((int) crc.getValue());
    int at = 33; // after the header
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(png, 0, at);
    file.writeBytes(chunk.array());
    file.write(png, at, png.length - at);
    return file.toByteArray();
  }

  private static byte[] deflated(byte[] plain) {
    Deflater deflater = new Deflater();
    deflater.setInput(plain);
    deflater.finish();
    byte[] packed = new byte[plain.length + 100];
    int size = deflater.deflate(packed);
    deflater.end();
    return Arrays.copyOf(packed, size);
  }
}
