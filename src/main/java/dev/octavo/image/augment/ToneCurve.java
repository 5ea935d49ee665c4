package dev.octavo.image.augment;

/**
 * Operations that look up each value of a channel in a table, to the bit as Pillow's {@code
 * ImageOps} and, where the other image is one plain colour, {@code ImageEnhance} do them.
 */
final class ToneCurve {
  private ToneCurve() {}

  /** Mixes with black; factor 0 is black, 1 the image, more is brighter. */
  static void brightness(Canvas canvas, double factor) {
    blendWith(canvas, 0, (float) factor);
  }

  /** Mixes with the mean of the image's luma; factor 0 is plain grey, 1 the image. */
  static void contrast(Canvas canvas, double factor) {
    byte[] pixels = canvas.pixels();
    long sum = 0;
    for (int i = 0; i < pixels.length; i += 3) {
      sum += Blend.luma(pixels, i);
    }
    int mean = (int) (sum / ((double) canvas.width() * canvas.height()) + 0.5);
    blendWith(canvas, mean, (float) factor);
  }

  private static void blendWith(Canvas canvas, int level, float factor) {
    byte[] table = new byte[256];
    for (int v = 0; v < 256; v++) {
      table[v] = Blend.mix(level, v, factor);
    }
    apply(canvas, 0, 1, table);
  }

  /** Keeps the highest {@code bits} (1 to 8) of each value. */
  static void posterize(Canvas canvas, int bits) {
    byte[] table = new byte[256];
    for (int v = 0; v < 256; v++) {
      table[v] = (byte) (v & (-1 << (8 - bits)));
    }
    apply(canvas, 0, 1, table);
  }

  /** Inverts the values from the threshold on. */
  static void solarize(Canvas canvas, double threshold) {
    byte[] table = new byte[256];
    for (int v = 0; v < 256; v++) {
      table[v] = (byte) (v < threshold ? v : 255 - v);
    }
    apply(canvas, 0, 1, table);
  }

  /** Per channel: the lowest value becomes 0, the highest 255, those between lie on a line. */
  static void autocontrast(Canvas canvas) {
    byte[] table = new byte[256];
    for (int channel = 0; channel < 3; channel++) {
      int[] histogram = histogram(canvas, channel);
      int low = 0;
      while (histogram[low] == 0) {
        low++;
      }
      int high = 255;
      while (histogram[high] == 0) {
        high--;
      }
      if (high > low) {
        double scale = 255.0 / (high - low);
        double offset = -low * scale;
        for (int v = low; v <= high; v++) {
          table[v] = (byte) Math.max(0, Math.min(255, (int) (v * scale + offset)));
        }
        apply(canvas, channel, 3, table);
      }
    }
  }

  /** Per channel: the table is the cumulative histogram, so that all values are as frequent. */
  static void equalize(Canvas canvas) {
    byte[] table = new byte[256];
    for (int channel = 0; channel < 3; channel++) {
      int[] histogram = histogram(canvas, channel);
      int highest = 255;
      while (histogram[highest] == 0) {
        highest--;
      }
      int step = (canvas.width() * canvas.height() - histogram[highest]) / 255;
      if (step > 0) {
        int below = step / 2;
        for (int v = 0; v < 256; v++) {
          table[v] = (byte) Math.min(255, below / step);
          below += histogram[v];
        }
        apply(canvas, channel, 3, table);
      }
    }
  }

  private static int[] histogram(Canvas canvas, int channel) {
    int[] count = new int[256];
    byte[] pixels = canvas.pixels();
    for (int i = channel; i < pixels.length; i += 3) {
      count[pixels[i] & 0xff]++;
    }
    return count;
  }

  /** Looks up every {@code stride}-th value from {@code first} on. */
  private static void apply(Canvas canvas, int first, int stride, byte[] table) {
    byte[] pixels = canvas.pixels();
    for (int i = first; i < pixels.length; i += stride) {
      pixels[i] = table[pixels[i] & 0xff];
    }
  }
}
