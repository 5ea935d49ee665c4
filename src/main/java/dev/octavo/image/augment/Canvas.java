package dev.octavo.image.augment;

import java.nio.ByteBuffer;

/**
 * An image that operations change in place: 8-bit RGB, rows from the top, {@code [height, width,
 * 3]} (HWC). A second array of the same size serves operations that read pixels which they have
 * already written.
 */
public final class Canvas {
  private final int width;
  private final int height;
  private byte[] pixels;
  private byte[] spare;

  public Canvas(int width, int height) {
    this.width = width;
    this.height = height;
    this.pixels = new byte[3 * width * height];
    this.spare = new byte[pixels.length];
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  /** The image; another array after {@link #swap}. */
  public byte[] pixels() {
    return pixels;
  }

  /** As large as the image, of any content. */
  byte[] spare() {
    return spare;
  }

  /** Makes the content of {@link #spare} the image. */
  void swap() {
    byte[] old = pixels;
    pixels = spare;
    spare = old;
  }

  /** A buffer at position 0 that writes to the image, until the next {@link #swap}. */
  public ByteBuffer writer() {
    return ByteBuffer.wrap(pixels);
  }
}
