package dev.octavo.image.augment;

/** The operations that TrivialAugment and RandAugment draw from, in torchvision's order. */
enum AugmentOp {
  IDENTITY,
  SHEAR_X,
  SHEAR_Y,
  TRANSLATE_X,
  TRANSLATE_Y,
  ROTATE,
  BRIGHTNESS,
  COLOR,
  CONTRAST,
  SHARPNESS,
  POSTERIZE,
  SOLARIZE,
  AUTOCONTRAST,
  EQUALIZE;

  /** Returns whether the magnitude is as often negative. */
  boolean signed() {
    return switch (this) {
      case IDENTITY, POSTERIZE, SOLARIZE, AUTOCONTRAST, EQUALIZE -> false;
      default -> true;
    };
  }

  /**
   * Changes the image.
   *
   * @param magnitude slope, pixels, degrees, factor less 1, bits, or threshold; ignored by the
   *     operations that have none
   */
  void apply(Canvas canvas, double magnitude) {
    switch (this) {
      case IDENTITY -> {}
      case SHEAR_X -> AffineTransform.shearX(magnitude).apply(canvas);
      case SHEAR_Y -> AffineTransform.shearY(magnitude).apply(canvas);
      case TRANSLATE_X -> AffineTransform.translate((int) magnitude, 0).apply(canvas);
      case TRANSLATE_Y -> AffineTransform.translate(0, (int) magnitude).apply(canvas);
      case ROTATE ->
          AffineTransform.rotate(magnitude, canvas.width(), canvas.height()).apply(canvas);
      case BRIGHTNESS -> ToneCurve.brightness(canvas, 1 + magnitude);
      case COLOR -> Blend.saturation(canvas, 1 + magnitude);
      case CONTRAST -> ToneCurve.contrast(canvas, 1 + magnitude);
      case SHARPNESS -> Blend.sharpness(canvas, 1 + magnitude);
      case POSTERIZE -> ToneCurve.posterize(canvas, (int) magnitude);
      case SOLARIZE -> ToneCurve.solarize(canvas, magnitude);
      case AUTOCONTRAST -> ToneCurve.autocontrast(canvas);
      case EQUALIZE -> ToneCurve.equalize(canvas);
    }
  }
}
