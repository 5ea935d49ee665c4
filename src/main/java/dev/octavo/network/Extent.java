package dev.octavo.network;

/**
 * A height and a width.
 *
 * @param height in rows
 * @param width in columns
 */
public record Extent(int height, int width) {
  /** One as high as wide. */
  public static Extent square(int side) {
    return new Extent(side, side);
  }

  /** Returns whether it is as high as wide. */
  public boolean isSquare() {
    return height == width;
  }

  /** Height times width. */
  public int area() {
    return height * width;
  }
}
