package dev.octavo.image.augment;

/**
 * Turns colours around the colour circle by way of HSV with 8 bits each, to the bit as
 * torchvision's {@code adjust_hue} does on Pillow images ({@code libImaging/Convert.c}). The
 * intermediate roundings to single precision are Pillow's.
 */
final class Hue {
  private Hue() {}

  /**
   * Adds to the hue.
   *
   * @param turn from -0.5 to 0.5 of the circle
   */
  static void shift(Canvas canvas, double turn) {
    byte[] pixels = canvas.pixels();
    int steps = (int) (turn * 255);
    for (int i = 0; i < pixels.length; i += 3) {
      int red = pixels[i] & 0xff;
      int green = pixels[i + 1] & 0xff;
      int blue = pixels[i + 2] & 0xff;
      int value = Math.max(red, Math.max(green, blue));
      int chroma = value - Math.min(red, Math.min(green, blue));
      if (chroma == 0) {
        continue; // grey has no hue
      }
      int hue = (hue(red, green, blue, value, chroma) + steps) & 0xff;
      int saturation = (int) ((float) chroma / value * 255.0);
      write(hue, saturation, value, pixels, i);
    }
  }

  /** 0 to 255 for red over green and blue back to red. */
  private static int hue(int red, int green, int blue, int value, float chroma) {
    float sixths;
    if (red == value) {
      sixths = (value - blue) / chroma - (value - green) / chroma;
    } else if (green == value) {
      sixths = (float) (2.0 + (value - red) / chroma - (value - blue) / chroma);
    } else {
      sixths = (float) (4.0 + (value - green) / chroma - (value - red) / chroma);
    }
    double turn = sixths / 6.0 + 1.0;
    return (int) ((float) (turn >= 1 ? turn - 1 : turn) * 255.0);
  }

  private static void write(int hue, int saturation, int value, byte[] pixels, int at) {
    int sector = hue * 6 / 255;
    float fraction = (float) (hue * 6.0 / 255.0 - sector);
    float s = (float) (saturation / 255.0);
    byte high = (byte) value;
    byte low = round(value * (1.0 - s));
    // In every other sector of the circle the middle channel falls, in the others it rises.
    byte middle = round(value * (1.0 - s * (sector % 2 == 1 ? fraction : 1.0 - fraction)));
    switch (sector) {
      case 1 -> put(pixels, at, middle, high, low);
      case 2 -> put(pixels, at, low, high, middle);
      case 3 -> put(pixels, at, low, middle, high);
      case 4 -> put(pixels, at, middle, low, high);
      case 5 -> put(pixels, at, high, low, middle);
      default -> put(pixels, at, high, middle, low); // 0, and 6: the end of the circle
    }
  }

  private static byte round(double level) {
    return (byte) (int) (level + 0.5);
  }

  private static void put(byte[] pixels, int at, byte red, byte green, byte blue) {
    pixels[at] = red;
    pixels[at + 1] = green;
    pixels[at + 2] = blue;
  }
}
