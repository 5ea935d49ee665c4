package dev.octavo.image.augment;

/**
 * A rectangle of pixels.
 *
 * @param x of its left column
 * @param y of its upper row
 */
public record Box(int x, int y, int width, int height) {
  /** The fraction of a square of {@code side × side} pixels that lies within. */
  public double fractionOf(int side) {
    return (double) width * height / ((double) side * side);
  }
}
