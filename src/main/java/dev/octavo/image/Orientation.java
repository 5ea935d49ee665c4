package dev.octavo.image;

/** Turns stored pixels the right way up. */
final class Orientation {
  private Orientation() {}

  /**
   * Applies an Exif orientation: 1 nothing, 2 mirrored left to right, 3 turned by 180°, 4 mirrored
   * top to bottom, 5 transposed, 6 turned by 90° clockwise, 7 transposed along the other diagonal,
   * 8 turned by 90° counter-clockwise.
   */
  static RgbImage apply(RgbImage stored, int orientation) {
    if (orientation == 1) {
      return stored;
    }
    int w = stored.width();
    int h = stored.height();
    boolean transposed = orientation >= 5;
    int width = transposed ? h : w;
    int height = transposed ? w : h;
    // Where the upper left pixel of the result stands in the stored picture, and how far (in
    // pixels) a step to the right and a step down lead there.
    boolean fromRight =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean fromBottom =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int start = (fromBottom ? (h - 1) * w : 0) + (fromRight ? w - 1 : 0);
    int alongX = fromRight ? -1 : 1;
    int alongY = fromBottom ? -w : w;
    int right = transposed ? alongY : alongX;
    int down = transposed ? alongX : alongY;

    byte[] in = stored.pixels();
    byte[] out = new byte[in.length];
    int to = 0;
    for (int y = 0; y < height; y++) {
      int from = 3 * (start + y * down);
      for (int x = 0; x < width; x++, to += 3, from += 3 * right) {
        out[to] = in[from];
        out[to + 1] = in[from + 1];
        out[to + 2] = in[from + 2];
      }
    }
    return new RgbImage(width, height, out);
  }
}
