package dev.octavo.image.augment;

import java.util.Arrays;

/**
 * Shear, translation and rotation by the nearest pixel, black outside, to the bit as torchvision's
 * {@code affine} and {@code rotate} do them on Pillow images ({@code libImaging/Geometry.c}).
 *
 * <p>The matrix maps output to input: the pixel at {@code (x, y)} takes its colour from {@code (a u
 * + b v + c, d u + e v + f)} with {@code u = x + 1/2, v = y + 1/2}, in 16.16 fixed point. So far as
 * Pillow takes short cuts (whole-pixel shifts, quarter turns of a square), they have the same
 * result.
 */
record AffineTransform(double a, double b, double c, double d, double e, double f) {

  /** Moves the row {@code y} left by {@code slope * y}: the top row stays. */
  static AffineTransform shearX(double slope) {
    return new AffineTransform(1, slope, 0, 0, 1, 0);
  }

  /** Moves the column {@code x} up by {@code slope * x}: the left column stays. */
  static AffineTransform shearY(double slope) {
    return new AffineTransform(1, 0, 0, slope, 1, 0);
  }

  /** Moves to the right and down. */
  static AffineTransform translate(int right, int down) {
    return new AffineTransform(1, 0, -right, 0, 1, -down);
  }

  /** Turns counter-clockwise around the middle of an image of the given size. */
  static AffineTransform rotate(double degrees, int width, int height) {
    double cos = Math.cos(Math.toRadians(degrees));
    double sin = -Math.sin(Math.toRadians(degrees));
    double x = width / 2.0;
    double y = height / 2.0;
    return new AffineTransform(cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y);
  }

  void apply(Canvas canvas) {
    int width = canvas.width();
    int height = canvas.height();
    byte[] from = canvas.pixels();
    byte[] to = canvas.spare();
    Arrays.fill(to, (byte) 0);
    int stepA = fixed(a);
    int stepD = fixed(d);
    int rowX = fixed(c + a * 0.5 + b * 0.5);
    int rowY = fixed(f + d * 0.5 + e * 0.5);
    for (int y = 0, out = 0; y < height; y++, rowX += fixed(b), rowY += fixed(e)) {
      int sourceX = rowX;
      int sourceY = rowY;
      for (int x = 0; x < width; x++, out += 3, sourceX += stepA, sourceY += stepD) {
        int column = sourceX >> 16;
        int row = sourceY >> 16;
        if (column >= 0 && column < width && row >= 0 && row < height) {
          int in = 3 * (row * width + column);
          to[out] = from[in];
          to[out + 1] = from[in + 1];
          to[out + 2] = from[in + 2];
        }
      }
    }
    canvas.swap();
  }

  private static int fixed(double value) {
    return (int) Math.floor(value * 65536.0 + 0.5);
  }
}
