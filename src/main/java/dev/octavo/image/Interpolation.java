package dev.octavo.image;

/** The filters that images are resized by, antialiased, as Pillow has them. */
public enum Interpolation {
  /** A triangle. */
  BILINEAR(1) {
    @Override
    double weight(double x) {
      return Math.max(0, 1 - Math.abs(x));
    }
  },
  /** Keys' cubic convolution with {@code a = -1/2}. */
  BICUBIC(2) {
    @Override
    double weight(double x) {
      double d = Math.abs(x);
      if (d < 1) {
        return ((A + 2) * d - (A + 3)) * d * d + 1;
      }
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
    }
  };

  private static final double A = -0.5;

  private final double support;

  Interpolation(double support) {
    this.support = support;
  }

  /** The distance from which on weights are 0, in pixels of the smaller of both images. */
  double support() {
    return support;
  }

  /** The weight at a distance, before weights are scaled to sum 1. */
  abstract double weight(double distance);
}
