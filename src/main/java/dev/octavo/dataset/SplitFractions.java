package dev.octavo.dataset;

import dev.octavo.OctavoException;
import java.util.Arrays;

/**
 * The share of each class that goes to each split.
 *
 * @param train fraction from 0 to 1
 * @param val fraction from 0 to 1
 * @param test fraction from 0 to 1; the three sum to 1
 */
public record SplitFractions(double train, double val, double test) {
  /** The default without lists and fractions. */
  public static final SplitFractions DEFAULT = new SplitFractions(0.7, 0.1, 0.2);

  private static final double TOLERANCE = 1e-9;

  /** Checks the ranges and the sum. */
  public SplitFractions {
    boolean inRange = train >= 0 && val >= 0 && test >= 0;
    if (!inRange || Math.abs(train + val + test - 1) > TOLERANCE) {
      throw new OctavoException.Usage(
          "a split needs three fractions (train, val, test) that sum to 1, not %s, %s, %s"
              .formatted(train, val, test));
    }
  }

  /** Everything to train but a fraction for val. */
  public static SplitFractions valOnly(double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw new OctavoException.Usage(
          "the val fraction must be at least 0 and below 1, not " + fraction);
    }
    return new SplitFractions(1 - fraction, fraction, 0);
  }

  /** Reads {@code 0.7,0.1,0.2}. */
  public static SplitFractions parse(String text) {
    double[] parts;
    try {
      parts = Arrays.stream(text.split(",", -1)).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      parts = new double[0];
    }
    if (parts.length != 3) {
      throw new OctavoException.Usage(
          "'%s' is not a split: give three fractions (train, val, test), as in 0.7,0.1,0.2"
              .formatted(text));
    }
    return new SplitFractions(parts[0], parts[1], parts[2]);
  }
}
