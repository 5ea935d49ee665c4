package dev.octavo.quantize;

import dev.octavo.program.QuantParams;

/**
 * The reals that the codes 0 to 255 span. It always holds zero, which has a code of its own.
 *
 * @param low at most 0
 * @param high at least 0
 */
public record Range(double low, double high) {
  private static final int STEPS = 255;

  /** Refuses a range that isn't finite or doesn't hold zero. */
  public Range {
    if (!(Double.isFinite(low) && Double.isFinite(high) && low <= 0 && high >= 0)) {
      throw new IllegalArgumentException(
          "not a finite range around zero: [%s, %s]".formatted(low, high));
    }
  }

  /**
   * The affine mapping onto codes: {@code scale = (high - low) / 255}, {@code zeroPoint =
   * round(-low / scale)}. An empty range, of a tensor that is always zero, gets the scale 1.
   */
  public QuantParams activation() {
    double scale = (high - low) / STEPS;
    if (scale < Float.MIN_NORMAL) {
      return new QuantParams(1, 0);
    }
    return new QuantParams((float) scale, (int) Math.rint(-low / scale));
  }

  /** This range with both ends scaled. */
  Range times(double factor) {
    return new Range(low * factor, high * factor);
  }
}
