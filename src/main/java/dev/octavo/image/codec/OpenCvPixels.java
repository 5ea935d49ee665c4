package dev.octavo.image.codec;

import dev.octavo.image.codec.UndecodableImageException.Reason;

/**
 * Pixels as OpenCV lays them out and Spark's image schema takes them over: 8 bits a sample, blue
 * before green before red, rows from the top without gaps.
 */
public final class OpenCvPixels {
  /** OpenCV's types of 8-bit samples, by number of channels: {@code CV_8UC1}, … */
  private static final int GRAY = 0;

  private static final int BGR = 16;
  private static final int BGRA = 24;

  private OpenCvPixels() {}

  /**
   * The same image as RGB. Gray becomes equal red, green and blue; alpha is dropped, as {@link
   * ImageDecoder} does.
   *
   * @param width in pixels
   * @param height in pixels
   * @param type OpenCV's: {@code CV_8UC1} (0), {@code CV_8UC3} (16) or {@code CV_8UC4} (24)
   * @param samples {@code uint8 [height, width, channels]}
   * @throws UndecodableImageException if it exceeds the limit on pixels, is of another type, or has
   *     more or fewer samples than that
   */
  public static RgbImage toRgb(int width, int height, int type, byte[] samples, DecodeLimits limits)
      throws UndecodableImageException {
    if (width < 1 || height < 1) {
      throw new UndecodableImageException(
          Reason.EMPTY, "an image of %d x %d pixels".formatted(width, height));
    }
    limits.checkPixels(width, height);
    int channels = channels(type);
    if (samples.length != (long) channels * width * height) {
      throw new UndecodableImageException(
          Reason.CORRUPT,
          "%d x %d pixels of OpenCV's type %d are %d bytes, not %d"
              .formatted(width, height, type, (long) channels * width * height, samples.length));
    }
    int red = channels == 1 ? 0 : 2;
    int green = channels == 1 ? 0 : 1;
    byte[] rgb = new byte[3 * width * height];
    for (int from = 0, to = 0; to < rgb.length; from += channels, to += 3) {
      rgb[to] = samples[from + red];
      rgb[to + 1] = samples[from + green];
      rgb[to + 2] = samples[from];
    }
    return new RgbImage(width, height, rgb);
  }

  private static int channels(int type) throws UndecodableImageException {
    return switch (type) {
      case GRAY -> 1;
      case BGR -> 3;
      case BGRA -> 4;
      default ->
          throw new UndecodableImageException(
              Reason.UNSUPPORTED,
              "OpenCV's type %d is none of CV_8UC1 (0), CV_8UC3 (16) and CV_8UC4 (24)"
                  .formatted(type));
    };
  }
}
