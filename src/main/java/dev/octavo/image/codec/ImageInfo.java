package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;
import java.util.Objects;

/**
 * The content of a file's header.
 *
 * @param format by content
 * @param width in pixels as stored, before orientation is applied
 * @param height in pixels as stored, before orientation is applied
 * @param channels that the file stores: 1 gray, 2 gray and alpha, 3 colour (a palette counts as
 *     colour), 4 colour and alpha or CMYK
 * @param orientation how to turn the stored pixels, 1 (as they are) to 8, as Exif numbers them; 1
 *     when the file says nothing or nonsense
 * @param warning what is wrong with a file that has all its pixels nevertheless; null if nothing is
 */
public record ImageInfo(
    ImageFormat format, int width, int height, int channels, int orientation, String warning) {
  /** Checks the ranges. */
  public ImageInfo {
    Objects.requireNonNull(format, "format");
    if (width < 1 || height < 1 || channels < 1 || orientation < 1 || orientation > 8) {
      throw new IllegalArgumentException(
          "%d x %d x %d with orientation %d".formatted(width, height, channels, orientation));
    }
  }

  /** The header of a sound file. */
  public ImageInfo(ImageFormat format, int width, int height, int channels, int orientation) {
    this(format, width, height, channels, orientation, null);
  }

  /** The warning for a file that decodes to another size than its header says. */
  UndecodableImageException otherSize(int decodedWidth, int decodedHeight) {
    return new UndecodableImageException(
        Reason.CORRUPT,
        "the %s decodes to %d x %d pixels, but its header says %d x %d"
            .formatted(format, decodedWidth, decodedHeight, width, height));
  }
}
