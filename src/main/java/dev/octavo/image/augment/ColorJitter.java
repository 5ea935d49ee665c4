package dev.octavo.image.augment;

/**
 * torchvision's {@code ColorJitter}: brightness, contrast, saturation and hue are adjusted in
 * random order, each by a factor or turn drawn uniformly.
 */
public final class ColorJitter {
  private final double strength;

  enum Adjustment {
    BRIGHTNESS,
    CONTRAST,
    SATURATION,
    HUE
  }

  /**
   * Factors from {@code max(0, 1 - strength)} to {@code 1 + strength}; turns of the hue up to a
   * quarter of the strength either way, at most half a circle. Strength 0 changes nothing.
   */
  public ColorJitter(double strength) {
    this.strength = strength;
  }

  public void apply(Canvas canvas, SplitMix random) {
    if (strength == 0) {
      return;
    }
    double low = Math.max(0, 1 - strength);
    double high = 1 + strength;
    double turn = Math.min(0.5, strength / 4);
    for (Adjustment adjustment : shuffled(random)) {
      switch (adjustment) {
        case BRIGHTNESS -> ToneCurve.brightness(canvas, random.nextDouble(low, high));
        case CONTRAST -> ToneCurve.contrast(canvas, random.nextDouble(low, high));
        case SATURATION -> Blend.saturation(canvas, random.nextDouble(low, high));
        case HUE -> Hue.shift(canvas, random.nextDouble(-turn, turn));
      }
    }
  }

  /** All adjustments, each order as likely (Fisher and Yates). */
  static Adjustment[] shuffled(SplitMix random) {
    Adjustment[] order = Adjustment.values();
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      Adjustment other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
    return order;
  }
}
