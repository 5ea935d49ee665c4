package dev.octavo.image.augment;

/**
 * Moves every pixel between a plainer version of the image (factor 0) and the image itself (factor
 * 1), or beyond it, to the bit as Pillow's {@code ImageEnhance} does: {@code plain + factor *
 * (value - plain)} in single precision, clipped to 0..255, the fraction cut off.
 */
final class Blend {
  private Blend() {}

  /** Mixes with the luma of each pixel; factor 0 is black and white. */
  static void saturation(Canvas canvas, double factor) {
    byte[] pixels = canvas.pixels();
    float alpha = (float) factor;
    for (int i = 0; i < pixels.length; i += 3) {
      int luma = luma(pixels, i);
      pixels[i] = mix(luma, pixels[i] & 0xff, alpha);
      pixels[i + 1] = mix(luma, pixels[i + 1] & 0xff, alpha);
      pixels[i + 2] = mix(luma, pixels[i + 2] & 0xff, alpha);
    }
  }

  /**
   * Mixes with the mean of the 3 × 3 neighbours, the middle one counted five times; pixels at the
   * border stay. Factor 0 is blurred, above 1 is sharpened.
   */
  static void sharpness(Canvas canvas, double factor) {
    byte[] in = canvas.pixels();
    byte[] out = canvas.spare();
    float alpha = (float) factor;
    int row = 3 * canvas.width();
    System.arraycopy(in, 0, out, 0, in.length);
    for (int y = 1; y < canvas.height() - 1; y++) {
      for (int i = y * row + 3; i < y * row + row - 3; i++) {
        int middle = in[i] & 0xff;
        int sum = 4 * middle + three(in, i - row) + three(in, i) + three(in, i + row);
        // The nearest integer to sum / 13, which is never half-way between two.
        out[i] = mix((2 * sum + 13) / 26, middle, alpha);
      }
    }
    canvas.swap();
  }

  private static int three(byte[] pixels, int at) {
    return (pixels[at - 3] & 0xff) + (pixels[at] & 0xff) + (pixels[at + 3] & 0xff);
  }

  /** ITU-R 601 luma of the pixel whose red is at the index, in 16-bit fixed point. */
  static int luma(byte[] pixels, int at) {
    int red = pixels[at] & 0xff;
    int green = pixels[at + 1] & 0xff;
    int blue = pixels[at + 2] & 0xff;
    return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16;
  }

  static byte mix(int plain, int value, float factor) {
    // The cast to int saturates, so that an excessive factor is clipped and does not wrap.
    return (byte) Math.max(0, Math.min(255, (int) (plain + factor * (value - plain))));
  }
}
