package dev.octavo.image.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that aren't decoded are named for what they are, with the remedy. */
final class ForeignFormatTest {
  @ParameterizedTest
  @CsvSource({
    "heic, 'a HEIC image (HEIF), as iPhones take them'",
    "mif1, 'a HEIC image (HEIF), as iPhones take them'",
    "avif, an AVIF image",
    "'crx ', a camera's raw file (Canon CR3)"
  })
  void namesImagesOfTheIsoContainer(String brand, String name) {
    assertUnsupported("\0\0\0\30ftyp" + brand + "\0\0\0\0", name);
  }

  @Test
  void namesImagesOfOtherFormats() {
    assertUnsupported("\0\0\0\fJXL \r\n\u0087\n", "a JPEG XL image");
    assertUnsupported("\u00ff\n\u00fa\0", "a JPEG XL image");
    assertUnsupported("\0\0\0\fjP  \r\n\u0087\n", "a JPEG 2000 image");
    assertUnsupported("\u00ffO\u00ffQ\0\57", "a JPEG 2000 image");
    assertUnsupported("\0\0\1\0\1\0\40\40", "a Windows icon (ICO)");
    assertUnsupported("8BPS\0\1", "a Photoshop document (PSD)");
    assertUnsupported("FUJIFILMCCD-RAW 0201", "a camera's raw file (Fujifilm RAF)");
    assertUnsupported("IIU\0\10\0\0\0", "a camera's raw file (Panasonic RW2)");
    assertUnsupported("IIRO\10\0\0\0", "a camera's raw file (Olympus ORF)");
    assertUnsupported("%PDF-1.4", "a PDF document");
    assertUnsupported("<?xml version='1.0'?>\n<svg xmlns", "a vector drawing (SVG)");
  }

  @Test
  void namesRawFilesThatAreTiffs() {
    byte[] cr2 = TestTiff.of(1, 1, 8, 1, 1, (byte) 5).bytes();
    cr2[8] = 'C';
    cr2[9] = 'R';
    assertRefused(cr2, Reason.UNSUPPORTED, "the file is a camera's raw file (Canon CR2)");
    TestTiff dng = TestTiff.of(1, 1, 8, 1, 1, (byte) 5).with(50706, 1, 1, 4, 0, 0);
    assertRefused(dng.bytes(), Reason.UNSUPPORTED, "the file is a camera's raw file (DNG)");
    TestTiff nef = TestTiff.of(1, 1, 8, 1, 1, (byte) 5).with(254, 4, 1).with(330, 4, 99);
    assertRefused(nef.bytes(), Reason.UNSUPPORTED, "raw file (such as NEF, ARW or PEF)");
  }

  @Test
  void namesWhatIsNoImage() {
    assertNoImage("version https://git-lfs.github.com/spec/v1\noid sha256:0", "run git lfs pull");
    assertNoImage("../../.git/annex/objects/xy/SHA256E-s1--0", "run git annex get");
    assertNoImage("\n<!DOCTYPE html><html>", "an HTML page");
    assertNoImage("\u00ef\u00bb\u00bf  <HTML lang=en>", "an HTML page");
    assertNoImage("{\"error\": 404}", "the file is JSON");
    assertNoImage("<?xml version=\"1.0\"?><Error><Code>AccessDenied", "the file is XML");
    assertNoImage("PK\3\4....", "a ZIP archive");
    assertNoImage("\u001f\u008b\b\0", "compressed by gzip");
    assertNoImage("\0\0\0\30ftypisom", "a video");
    assertNoImage("\0\5\26\7\0\2\0\0", "a by-product of macOS");
    assertNoImage("\0".repeat(300), "zeros only");
    assertNoImage("some notes", "the first bytes are not those of a JPEG, PNG, GIF");
  }

  @Test
  void everyRefusalIsOneLine() {
    for (int first = 0; first < 256; first++) {
      byte[] file = new byte[40];
      Arrays.fill(file, (byte) first);
      assertThatThrownBy(() -> ImageDecoder.decode(file, DecodeLimits.DEFAULT))
          .isInstanceOf(UndecodableImageException.class)
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
  }

  private static void assertUnsupported(String file, String name) {
    assertRefused(
        bytes(file), Reason.UNSUPPORTED, "the file is " + name + ": convert it to JPEG or PNG");
  }

  private static void assertNoImage(String file, String meaning) {
    assertRefused(bytes(file), Reason.NOT_AN_IMAGE, meaning);
  }

  private static byte[] bytes(String file) {
    return file.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void assertRefused(byte[] file, Reason reason, String message) {
    assertThatThrownBy(() -> ImageDecoder.decode(file, DecodeLimits.DEFAULT))
        .isInstanceOfSatisfying(
            UndecodableImageException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }
}
