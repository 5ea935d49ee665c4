package dev.octavo.inference;

import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.RgbImage;
import dev.octavo.image.codec.UndecodableImageException;

/**
 * An input with what its pixels come from, or the reason why there is nothing.
 *
 * @param input what was to be read
 * @param bytes of a file, else null
 * @param image pixels that come otherwise, else null
 * @param error null where all went well
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Content(Input input, byte[] bytes, Image image, String error) {
  /** The source of pixels. Called on one of a task's threads, so that few are held at once. */
  @FunctionalInterface
  public interface Image {
    /**
     * The pixels.
     *
     * @throws UndecodableImageException if they exceed a limit or there are none
     */
    RgbImage decode(DecodeLimits limits) throws UndecodableImageException;
  }

  /** The bytes of a file. */
  public static Content of(Input input, byte[] bytes) {
    return new Content(input, bytes, null, null);
  }

  /** An image of any other kind. */
  public static Content of(Input input, Image image) {
    return new Content(input, null, image, null);
  }

  /** Nothing, because of that. */
  public static Content failure(Input input, String error) {
    return new Content(input, null, null, error);
  }
}
