package dev.octavo.image.codec;

import dev.octavo.OctavoException.InvalidSetting;
import java.io.Serializable;

/**
 * The limits beyond which a file is refused before it is decoded. A few kilobytes of PNG can claim
 * 65,535 × 65,535 pixels; the claim is checked against these limits, not against the memory of the
 * executor.
 *
 * @param maxPixels width × height, as the header states them
 * @param maxBytes size of the file
 */
public record DecodeLimits(long maxPixels, long maxBytes) implements Serializable {
  /** A quarter of a gibibyte as RGB; the bound at which Pillow warns of a decompression bomb. */
  public static final long DEFAULT_MAX_PIXELS = 89_478_485;

  /** 64 MiB. */
  public static final long DEFAULT_MAX_BYTES = 64L << 20;

  /**
   * Enough for any image from a full-frame camera. The files of a 100-megapixel back need a higher
   * limit, and executors with memory to match.
   */
  public static final DecodeLimits DEFAULT =
      new DecodeLimits(DEFAULT_MAX_PIXELS, DEFAULT_MAX_BYTES);

  /**
   * The most passes over every pixel of the largest image. Progressive JPEGs of cameras and
   * encoders have about 10 scans, and smaller images may have more in proportion.
   */
  private static final int MAX_FULL_PASSES = 20;

  /** An RGB image must fit a Java array. */
  private static final long MAX_ARRAY_PIXELS = (Integer.MAX_VALUE - 8L) / 3;

  private static final long MAX_ARRAY_BYTES = Integer.MAX_VALUE - 8L;

  /** For the images of a dataset, which ingest has let in: what fits a Java array. */
  public static final DecodeLimits NONE = new DecodeLimits(MAX_ARRAY_PIXELS, MAX_ARRAY_BYTES);

  /** Checks that both limits are positive and that pixels within them fit a Java array. */
  public DecodeLimits {
    InvalidSetting.require(
        maxPixels >= 1 && maxPixels <= MAX_ARRAY_PIXELS,
        "maxPixels",
        maxPixels,
        "from 1 to " + MAX_ARRAY_PIXELS);
    InvalidSetting.require(
        maxBytes >= 1 && maxBytes <= MAX_ARRAY_BYTES,
        "maxBytes",
        maxBytes,
        "from 1 to " + MAX_ARRAY_BYTES);
  }

  /** Refuses a file of this size if it exceeds the limit; callable before the file is read. */
  public void checkBytes(long bytes) throws UndecodableImageException {
    if (bytes > maxBytes) {
      throw new UndecodableImageException(
          UndecodableImageException.Reason.TOO_MANY_BYTES,
          "%d bytes exceed the limit of %d".formatted(bytes, maxBytes));
    }
  }

  void checkPixels(long width, long height) throws UndecodableImageException {
    if (width * height > maxPixels) {
      throw new UndecodableImageException(
          UndecodableImageException.Reason.TOO_MANY_PIXELS,
          "%d x %d pixels exceed the limit of %d".formatted(width, height, maxPixels));
    }
  }

  /** Refuses an image that is coded in so many passes that decoding would never end. */
  void checkWork(long width, long height, long passes) throws UndecodableImageException {
    if (width * height * passes > maxPixels * MAX_FULL_PASSES) {
      throw new UndecodableImageException(
          UndecodableImageException.Reason.TOO_MUCH_WORK,
          "%d x %d pixels in %d scans exceed the limit of %d scans of %d pixels"
              .formatted(width, height, passes, MAX_FULL_PASSES, maxPixels));
    }
  }
}
