package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Files that aren't decoded, told apart by their first bytes, so that a refusal can name them. */
final class ForeignFormat {
  private static final String CONVERT = ": convert it to JPEG or PNG";

  /** Texts are told apart by what they begin with, within that number of bytes. */
  private static final int TEXT_BYTES = 256;

  /** A signature at a position, and what it means. */
  private record Signature(int at, String bytes, Reason reason, String meaning) {
    boolean matches(byte[] file) {
      if (file.length < at + bytes.length()) {
        return false;
      }
      for (int i = 0; i < bytes.length(); i++) {
        if ((file[at + i] & 0xff) != bytes.charAt(i)) {
          return false;
        }
      }
      return true;
    }
  }

  private static final List<Signature> SIGNATURES =
      List.of(
          image("\0\0\0\fJXL \r\n\u0087\n", "a JPEG XL image"),
          image("\u00ff\n", "a JPEG XL image"),
          image("\0\0\0\fjP  \r\n\u0087\n", "a JPEG 2000 image"),
          image("\u00ffO\u00ffQ", "a JPEG 2000 image"),
          image("\0\0\1\0", "a Windows icon (ICO)"),
          image("\0\0\2\0", "a Windows cursor (CUR)"),
          image("8BPS", "a Photoshop document (PSD)"),
          image("FUJIFILMCCD-RAW", "a camera's raw file (Fujifilm RAF)"),
          image("IIU\0", "a camera's raw file (Panasonic RW2)"),
          image("IIRO", "a camera's raw file (Olympus ORF)"),
          image("IIRS", "a camera's raw file (Olympus ORF)"),
          image("MMOR", "a camera's raw file (Olympus ORF)"),
          image("\0MRM", "a camera's raw file (Minolta MRW)"),
          image("FOVb", "a camera's raw file (Sigma X3F)"),
          new Signature(
              6, "HEAPCCDR", Reason.UNSUPPORTED, "a camera's raw file (Canon CRW)" + CONVERT),
          image("II\u00bc", "a JPEG XR image"),
          image("gimp xcf", "a GIMP image (XCF)"),
          image("v/1\1", "an OpenEXR image"),
          image("#?RADIANCE", "a Radiance HDR image"),
          image("DDS ", "a DirectDraw surface (DDS)"),
          image("qoif", "a QOI image"),
          image("SIMPLE  =", "a FITS image"),
          new Signature(128, "DICM", Reason.UNSUPPORTED, "a DICOM file" + CONVERT),
          image("%!PS", "a PostScript file"),
          image("%PDF", "a PDF document"),
          other(
              "version https://git-lfs.github.com/spec/",
              "a Git-LFS pointer, not the file that it stands for: run git lfs pull"),
          other(
              "version https://hawser.github.com/spec/",
              "a Git-LFS pointer, not the file that it stands for: run git lfs pull"),
          other("PK\3\4", "a ZIP archive (or an office document): unpack it first"),
          other("\u001f\u008b", "compressed by gzip: unpack it first"),
          other("7z\u00bc\u00af'\u001c", "a 7-Zip archive: unpack it first"),
          other("Rar!", "a RAR archive: unpack it first"),
          other("\0\5\26\7", "a by-product of macOS (AppleDouble), not an image: delete it"),
          other("\32E\u00df\u00a3", "a video (Matroska or WebM), not an image"));

  private ForeignFormat() {}

  private static Signature image(String bytes, String name) {
    return new Signature(0, bytes, Reason.UNSUPPORTED, name + CONVERT);
  }

  private static Signature other(String bytes, String meaning) {
    return new Signature(0, bytes, Reason.NOT_AN_IMAGE, meaning);
  }

  /** The reason why a file that is none of the supported formats can't be decoded. */
  static UndecodableImageException refusal(byte[] file) {
    for (Signature signature : SIGNATURES) {
      if (signature.matches(file)) {
        return new UndecodableImageException(
            signature.reason(), "the file is " + signature.meaning());
      }
    }
    String start =
        new String(file, 0, Math.min(TEXT_BYTES, file.length), StandardCharsets.ISO_8859_1);
    if (start.startsWith("ftyp", 4)) {
      return isoMedia(start.substring(8, Math.min(12, start.length())));
    }
    if (start.startsWith("RIFF")) {
      return new UndecodableImageException(
          Reason.NOT_AN_IMAGE,
          "the file is a RIFF container other than WebP, such as a video (AVI) or sound (WAV)");
    }
    String text = start.replaceFirst("^(\u00ef\u00bb\u00bf)?\\s*", "").toLowerCase(Locale.ROOT);
    if (text.startsWith("<svg") || (text.startsWith("<?xml") && text.contains("<svg"))) {
      return new UndecodableImageException(
          Reason.UNSUPPORTED, "the file is a vector drawing (SVG)" + CONVERT);
    }
    if (text.startsWith("<!doctype") || text.matches("(?s)<(html|head|body|title|!--).*")) {
      return new UndecodableImageException(
          Reason.NOT_AN_IMAGE,
          "the file is an HTML page, what a server answers instead of an image: fetch it again");
    }
    if (text.startsWith("<?xml") || text.startsWith("{") || text.startsWith("[")) {
      return new UndecodableImageException(
          Reason.NOT_AN_IMAGE,
          "the file is %s, what a server answers instead of an image: fetch it again"
              .formatted(text.startsWith("<") ? "XML" : "JSON"));
    }
    if (text.contains("/annex/objects/")) {
      return new UndecodableImageException(
          Reason.NOT_AN_IMAGE,
          "the file is a git-annex pointer, not the file that it stands for: run git annex get");
    }
    if (start.chars().allMatch(c -> c == 0)) {
      return new UndecodableImageException(
          Reason.NOT_AN_IMAGE,
          "the file begins with zeros only, as after a copy that broke off: copy it again");
    }
    return new UndecodableImageException(
        Reason.NOT_AN_IMAGE,
        "the first bytes are not those of a JPEG, PNG, GIF, BMP, WebP or TIFF");
  }

  /** Names a file of the ISO base media format by its brand. */
  private static UndecodableImageException isoMedia(String brand) {
    String name =
        switch (brand) {
          case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1" ->
              "a HEIC image (HEIF), as iPhones take them";
          case "avif", "avis" -> "an AVIF image";
          case "crx " -> "a camera's raw file (Canon CR3)";
          case "jp2 ", "jpx ", "jpm " -> "a JPEG 2000 image";
          case "jxl " -> "a JPEG XL image";
          default -> null;
        };
    return name == null
        ? new UndecodableImageException(
            Reason.NOT_AN_IMAGE, "the file is a video (ISO media, QuickTime), not an image")
        : new UndecodableImageException(Reason.UNSUPPORTED, "the file is " + name + CONVERT);
  }

  /** Refuses a camera's raw file, which is a TIFF: what a TIFF decoder finds is a small preview. */
  static void refuseRaw(byte[] file, TiffDirectory directory) throws UndecodableImageException {
    String kind = null;
    if (file.length > 10 && file[8] == 'C' && file[9] == 'R') {
      kind = "Canon CR2";
    } else if (directory.isDng()) {
      kind = "DNG";
    } else if (directory.isPreview()) {
      kind = "such as NEF, ARW or PEF";
    }
    if (kind != null) {
      throw new UndecodableImageException(
          Reason.UNSUPPORTED, "the file is a camera's raw file (%s)%s".formatted(kind, CONVERT));
    }
  }
}
