package dev.octavo.image.augment;

import dev.octavo.image.augment.Augmentation.Policy;

/**
 * Draws operations and their magnitudes as torchvision's {@code TrivialAugmentWide} and {@code
 * RandAugment} do by default. A magnitude is one of 31 equidistant ones, from no effect (bin 0) to
 * the strongest (bin 30).
 */
public final class AutoAugment {
  static final int BINS = 31;
  private static final int RAND_OPERATIONS = 2;
  private static final int RAND_BIN = 9;
  private static final AugmentOp[] OPERATIONS = AugmentOp.values();

  private AutoAugment() {}

  /** Changes the image by what the policy draws. */
  public static void apply(Policy policy, Canvas canvas, SplitMix random) {
    switch (policy) {
      case NONE -> {}
      case TRIVIAL -> applyOne(policy, random.nextInt(BINS), canvas, random);
      case RAND -> {
        for (int i = 0; i < RAND_OPERATIONS; i++) {
          applyOne(policy, RAND_BIN, canvas, random);
        }
      }
    }
  }

  private static void applyOne(Policy policy, int bin, Canvas canvas, SplitMix random) {
    AugmentOp op = OPERATIONS[random.nextInt(OPERATIONS.length)];
    double magnitude = magnitude(policy, op, bin, canvas);
    op.apply(canvas, op.signed() && random.nextInt(2) == 1 ? -magnitude : magnitude);
  }

  /**
   * In the unit that {@link AugmentOp#apply} takes, in single precision as torch's. The last bit of
   * torch's depends on the vector width of the machine; these are the exact ones, rounded.
   */
  static double magnitude(Policy policy, AugmentOp op, int bin, Canvas canvas) {
    boolean wide = policy == Policy.TRIVIAL;
    return switch (op) {
      case IDENTITY, AUTOCONTRAST, EQUALIZE -> 0;
      case SHEAR_X, SHEAR_Y -> share(bin, wide ? 0.99 : 0.3);
      case TRANSLATE_X -> share(bin, wide ? 32 : 150.0 / 331 * canvas.width());
      case TRANSLATE_Y -> share(bin, wide ? 32 : 150.0 / 331 * canvas.height());
      case ROTATE -> share(bin, wide ? 135 : 30);
      case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS -> share(bin, wide ? 0.99 : 0.9);
      case POSTERIZE -> 8 - Math.rint(share(bin, wide ? 6 : 4));
      case SOLARIZE -> 255 - share(bin, 255);
    };
  }

  private static float share(int bin, double strongest) {
    return (float) (strongest * bin / (BINS - 1));
  }
}
