package dev.octavo.artifact;

import dev.octavo.OctavoException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Text that a user's tools wrote. */
public final class TextFiles {
  private TextFiles() {}

  /**
   * The lines of a text in UTF-8, or in UTF-16 where a byte order mark says so.
   *
   * @param source names the file in the error
   * @throws OctavoException.Usage if it is in another encoding
   */
  public static List<String> lines(byte[] bytes, Object source) {
    int first = bytes.length > 0 ? bytes[0] & 0xFF : 0;
    int second = bytes.length > 1 ? bytes[1] & 0xFF : 0;
    boolean utf16 = (first == 0xFF && second == 0xFE) || (first == 0xFE && second == 0xFF);
    Charset charset = utf16 ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    String text;
    try {
      text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new OctavoException.Usage(
          "%s is not in %s: save it as UTF-8".formatted(source, charset));
    }
    if (text.indexOf('\0') >= 0) {
      throw new OctavoException.Usage(
          "%s holds zero bytes, so it is no list in UTF-8: save it as UTF-8".formatted(source));
    }
    return (text.startsWith("\ufeff") ? text.substring(1) : text).lines().toList();
  }
}
