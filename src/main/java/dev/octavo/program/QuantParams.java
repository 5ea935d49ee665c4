package dev.octavo.program;

/**
 * A tensor's mapping from codes to reals.
 *
 * @param scale real value of one step
 * @param zeroPoint the code of zero, 0 to 255
 */
public record QuantParams(float scale, int zeroPoint) {
  /** Checks that the mapping is usable. */
  public QuantParams {
    if (!(scale > 0) || Float.isInfinite(scale)) {
      throw new IllegalArgumentException("a scale is positive and finite, not " + scale);
    }
    if (zeroPoint < 0 || zeroPoint > 255) {
      throw new IllegalArgumentException("a zero point is a code, 0 to 255, not " + zeroPoint);
    }
  }

  /** The code of a real: {@code clamp(round(x / scale) + zeroPoint, 0, 255)}, half to even. */
  public int code(double real) {
    return (int) Math.max(0, Math.min(255, Math.rint(real / scale) + zeroPoint));
  }

  /** The real that a code stands for: {@code scale * (code - zeroPoint)}. */
  public double real(int code) {
    return (double) scale * (code - zeroPoint);
  }
}
