package dev.octavo.inference;

import dev.octavo.image.DecodeLimits;
import dev.octavo.image.ImageDecoder;
import dev.octavo.image.RgbImage;
import dev.octavo.image.UndecodableImageException;

/**
 * An input with what its pixels come from, or the reason why there is nothing.
 *
 * @param input what was to be read
 * @param picture the pixels, still to be decoded; null with an error
 * @param error null where all went well
 */
public record Content(Input input, Picture picture, String error) {
  /** What pixels come from. Decoded on one of a task's threads, so that few are held at once. */
  @FunctionalInterface
  public interface Picture {
    /**
     * The pixels.
     *
     * @throws UndecodableImageException if they exceed a limit or there are none
     */
    RgbImage decode(DecodeLimits limits) throws UndecodableImageException;
  }

  /** The bytes of a file. */
  public static Content of(Input input, byte[] bytes) {
    return of(input, limits -> ImageDecoder.decode(bytes, limits));
  }

  /** A picture of any other kind. */
  public static Content of(Input input, Picture picture) {
    return new Content(input, picture, null);
  }

  /** Nothing, because of that. */
  public static Content failure(Input input, String error) {
    return new Content(input, null, error);
  }
}
