package dev.octavo.inference;

import dev.octavo.image.RgbImage;

/**
 * An input with its bytes or its pixels, or the reason why there are none.
 *
 * @param input what was to be read
 * @param bytes of the file; null with pixels or an error
 * @param image the pixels, where they came decoded; else null
 * @param error null where all went well
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Content(Input input, byte[] bytes, RgbImage image, String error) {
  /** The bytes of a file. */
  public static Content of(Input input, byte[] bytes) {
    return new Content(input, bytes, null, null);
  }

  /** A picture that came decoded. */
  public static Content of(Input input, RgbImage image) {
    return new Content(input, null, image, null);
  }

  /** Nothing, because of that. */
  public static Content failure(Input input, String error) {
    return new Content(input, null, null, error);
  }
}
