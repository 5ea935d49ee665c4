package dev.octavo.image.codec;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.OptionalInt;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The texts of a PNG (PNG 1.2, section 4.2.3) that may say how it is to be turned. */
final class PngTexts {
  private static final String XMP = "XML:com.adobe.xmp";
  private static final String EXIF = "Raw profile type exif";
  private static final String APP1 = "Raw profile type APP1";

  /** The most bytes that a text may inflate to, as in Pillow. */
  private static final int MAX_BYTES = 1 << 20;

  private static final int MAX_KEY = 79;

  private final Map<String, String> texts = new HashMap<>();

  /** Takes note of a chunk {@code tEXt}, {@code zTXt} or {@code iTXt}. */
  void add(String type, byte[] file, int at, int size) {
    int end = at + size;
    int keyEnd = zero(file, at, Math.min(end, at + MAX_KEY + 1));
    String key = new String(file, at, keyEnd - at, StandardCharsets.ISO_8859_1);
    if (keyEnd == end || !(key.equals(XMP) || key.equals(EXIF) || key.equals(APP1))) {
      return;
    }
    int from = keyEnd + 1;
    boolean compressed = type.equals("zTXt");
    if (compressed) {
      from++; // the method, of which there is one
    } else if (type.equals("iTXt") && from + 2 <= end) {
      compressed = file[from] != 0;
      from = zero(file, from + 2, end) + 1; // the language
      from = zero(file, Math.min(from, end), end) + 1; // the translated key
    }
    if (from <= end) {
      texts.put(
          key,
          compressed
              ? inflated(file, from, end)
              : new String(file, from, end - from, StandardCharsets.ISO_8859_1));
    }
  }

  private static int zero(byte[] file, int from, int end) {
    int at = from;
    while (at < end && file[at] != 0) {
      at++;
    }
    return at;
  }

  private static String inflated(byte[] file, int from, int end) {
    Inflater inflater = new Inflater();
    byte[] text = new byte[MAX_BYTES];
    try {
      inflater.setInput(file, from, end - from);
      int written = 0;
      int n = 1;
      while (n > 0 && written < text.length) {
        n = inflater.inflate(text, written, text.length - written);
        written += n;
      }
      return new String(text, 0, written, StandardCharsets.ISO_8859_1);
    } catch (DataFormatException e) {
      return ""; // a damaged text doesn't make the image undecodable
    } finally {
      inflater.end();
    }
  }

  /** The orientation of a profile that ImageMagick has written as a text. */
  OptionalInt rawProfileOrientation() {
    OptionalInt exif = rawProfileOrientation(EXIF);
    return exif.isPresent() ? exif : rawProfileOrientation(APP1);
  }

  private OptionalInt rawProfileOrientation(String key) {
    // An empty line, the name, the length, then hexadecimal digits in lines.
    String[] lines = texts.getOrDefault(key, "").split("\n", 4);
    if (lines.length < 4) {
      return OptionalInt.empty();
    }
    try {
      return Exif.orientation(HexFormat.of().parseHex(lines[3].replaceAll("\\s", "")));
    } catch (IllegalArgumentException e) {
      return OptionalInt.empty();
    }
  }

  OptionalInt xmpOrientation() {
    return Exif.xmpOrientation(texts.getOrDefault(XMP, ""));
  }
}
