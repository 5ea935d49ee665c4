package dev.octavo.image;

/**
 * torchvision's {@code ColorJitter}: brightness, contrast, saturation and hue change in random
 * order, each by a factor or turn drawn uniformly.
 */
final class ColorJitter {
  private final double strength;
  private final double low;
  private final double high;
  private final double turn;

  /**
   * Factors from {@code max(0, 1 - strength)} to {@code 1 + strength}; turns up to a quarter of the
   * strength either way. Strength 0 changes nothing.
   */
  ColorJitter(double strength) {
    this.strength = strength;
    this.low = Math.max(0, 1 - strength);
    this.high = 1 + strength;
    this.turn = Math.min(0.5, strength / 4);
  }

  void apply(Canvas canvas, SplitMix random) {
    if (strength == 0) {
      return;
    }
    int[] order = {0, 1, 2, 3};
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
    for (int operation : order) {
      switch (operation) {
        case 0 -> ToneCurve.brightness(canvas, uniform(low, high, random));
        case 1 -> ToneCurve.contrast(canvas, uniform(low, high, random));
        case 2 -> Blend.saturation(canvas, uniform(low, high, random));
        default -> Hue.shift(canvas, uniform(-turn, turn, random));
      }
    }
  }

  private static double uniform(double from, double to, SplitMix random) {
    return from + (to - from) * random.nextDouble();
  }
}
