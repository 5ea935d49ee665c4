package dev.octavo.image.codec;

/**
 * CIE L*a*b* of illuminant D50, 8 bits a value, to sRGB (IEC 61966-2-1, its primaries adapted to
 * D50 by Bradford's method, as in every profile of it).
 *
 * <p>LittleCMS, which Pillow converts with, comes within one level of this as long as it computes
 * each pixel; by default it interpolates in a table and is off by up to 31 levels near the border
 * of sRGB.
 */
final class CieLab {
  private static final double[] WHITE = {0.9642, 1, 0.8249};

  private static final double[][] XYZ_TO_LINEAR = {
    {3.1338561, -1.6168667, -0.4906146},
    {-0.9787684, 1.9161415, 0.0334540},
    {0.0719453, -0.2289914, 1.4052427}
  };

  private static final double CUT = 6.0 / 29;

  private CieLab() {}

  /**
   * Converts a pixel.
   *
   * @param lab L* from 0 to 255 for 0 to 100, then a* and b* in two's complement
   */
  static void toRgb(int[] lab, byte[] rgb) {
    double y = (lab[0] * 100 / 255.0 + 16) / 116;
    double x = y + (byte) lab[1] / 500.0;
    double z = y - (byte) lab[2] / 200.0;
    double[] xyz = {WHITE[0] * cube(x), WHITE[1] * cube(y), WHITE[2] * cube(z)};
    for (int c = 0; c < 3; c++) {
      double[] row = XYZ_TO_LINEAR[c];
      double linear = row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2];
      rgb[c] = (byte) Math.round(255 * encoded(Math.max(0, Math.min(1, linear))));
    }
  }

  private static double cube(double t) {
    return t > CUT ? t * t * t : 3 * CUT * CUT * (t - 4.0 / 29);
  }

  private static double encoded(double linear) {
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055;
  }
}
