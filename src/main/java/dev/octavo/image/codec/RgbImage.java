package dev.octavo.image.codec;

import java.util.Objects;

/**
 * An image in memory, the right way up.
 *
 * @param width in pixels, at least 1
 * @param height in pixels, at least 1
 * @param pixels 8-bit RGB, rows from the top, {@code [height, width, 3]} (HWC); shared, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // pixels are handed on, never compared
public record RgbImage(int width, int height, byte[] pixels) {
  /** Checks that the array has the stated shape. */
  public RgbImage {
    Objects.requireNonNull(pixels, "pixels");
    if (width < 1 || height < 1 || pixels.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "%d bytes are not an RGB image of %d x %d".formatted(pixels.length, width, height));
    }
  }
}
