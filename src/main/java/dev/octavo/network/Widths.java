package dev.octavo.network;

/** Numbers of channels that suit vector registers. */
final class Widths {
  private static final int DIVISOR = 8;

  private Widths() {}

  /**
   * The multiple of 8 that is nearest to a width, or the next one where that would be less than 90
   * % of it: torchvision's {@code _make_divisible}, which is TensorFlow's.
   */
  static int divisible(double width) {
    int nearest = Math.max(DIVISOR, (int) (width + DIVISOR / 2.0) / DIVISOR * DIVISOR);
    return nearest < 0.9 * width ? nearest + DIVISOR : nearest;
  }
}
