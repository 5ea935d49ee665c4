package dev.octavo.image.codec;

import java.nio.ByteBuffer;

/**
 * An image in memory that someone else owns, read the right way up whichever way it is stored:
 * 8-bit RGB, three bytes a pixel. It may be stored reduced, each sample the mean of n × n pixels.
 *
 * @param pixels Java's or native memory, read by index; valid as long as its owner says
 * @param start index of the upper left sample, counted in samples
 * @param across from left to right
 * @param down from top to bottom
 */
public record PixelView(ByteBuffer pixels, int start, Axis across, Axis down) {

  /**
   * One direction of an image.
   *
   * @param length of the image, in pixels; what geometry is computed from
   * @param stride from a sample to the next, in samples; negative or wide if the image is stored
   *     mirrored or transposed
   * @param reduction how many pixels are one sample
   * @param lead how many pixels of the first sample lie before the image, 0 unless the length is no
   *     multiple of the reduction
   */
  public record Axis(int length, int stride, int reduction, int lead) {
    /** The samples along the axis; the outermost may lie partly outside of the image. */
    public int samples() {
      return samples(length, reduction);
    }

    static int samples(int length, int reduction) {
      return (length + reduction - 1) / reduction;
    }

    private Axis reversed() {
      return new Axis(length, -stride, reduction, samples() * reduction - length - lead);
    }
  }

  /** Rows from the top, without gaps: {@code [height, width, 3]} from the buffer's index 0. */
  public static PixelView of(ByteBuffer pixels, int width, int height) {
    return reduced(pixels, width, height, 1);
  }

  public static PixelView of(RgbImage image) {
    return of(ByteBuffer.wrap(image.pixels()), image.width(), image.height());
  }

  /** The same of an image of which {@code reduction × reduction} pixels are one sample. */
  static PixelView reduced(ByteBuffer pixels, int width, int height, int reduction) {
    int columns = Axis.samples(width, reduction);
    return new PixelView(
        pixels, 0, new Axis(width, 1, reduction, 0), new Axis(height, columns, reduction, 0));
  }

  /** In pixels. */
  public int width() {
    return across.length;
  }

  /** In pixels. */
  public int height() {
    return down.length;
  }

  /** Left and right exchanged. */
  PixelView mirrored() {
    int right = start + (across.samples() - 1) * across.stride;
    return new PixelView(pixels, right, across.reversed(), down);
  }

  /** Top and bottom exchanged. */
  PixelView flipped() {
    int bottom = start + (down.samples() - 1) * down.stride;
    return new PixelView(pixels, bottom, across, down.reversed());
  }

  /** Rows and columns exchanged. */
  PixelView transposed() {
    return new PixelView(pixels, start, down, across);
  }

  /** Copies {@code count} samples of a row, from column {@code x} on, as three bytes each. */
  public void copyRow(int y, int x, int count, byte[] to, int offset) {
    int at = 3 * (start + y * down.stride + x * across.stride);
    if (across.stride == 1) {
      pixels.get(at, to, offset, 3 * count);
      return;
    }
    int step = 3 * across.stride;
    for (int i = offset; i < offset + 3 * count; i += 3, at += step) {
      to[i] = pixels.get(at);
      to[i + 1] = pixels.get(at + 1);
      to[i + 2] = pixels.get(at + 2);
    }
  }

  /** The pixels in an array of their own. */
  RgbImage toImage() {
    int width = width();
    int height = height();
    byte[] copy = new byte[3 * width * height];
    if (across.stride == 1 && down.stride == width) {
      pixels.get(0, copy);
    } else {
      for (int y = 0; y < height; y++) {
        copyRow(y, 0, width, copy, 3 * y * width);
      }
    }
    return new RgbImage(width, height, copy);
  }
}
