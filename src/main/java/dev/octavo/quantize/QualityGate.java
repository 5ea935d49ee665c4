package dev.octavo.quantize;

import dev.octavo.OctavoException.InvalidSetting;
import java.util.Locale;
import java.util.Optional;

/**
 * The bounds that an int8 model must hold on the val split to be published.
 *
 * <p>The loss of a single image never fails, unless {@code maxDrop} is 0: among 120 images one is
 * 0.83 points, which says nothing about the model.
 *
 * @param maxDrop how many points of top-1 accuracy (percent) may be lost to the float model
 * @param minAgreement on which fraction of the images both must name the same class
 */
public record QualityGate(double maxDrop, double minAgreement) {
  private static final double PERCENT = 100;
  private static final double ROUNDING = 1e-9;

  /** Checks the ranges. */
  public QualityGate {
    InvalidSetting.require(
        maxDrop >= 0 && maxDrop <= PERCENT,
        "maxDrop",
        maxDrop,
        "points of top-1 accuracy, from 0 to 100");
    InvalidSetting.require(
        minAgreement >= 0 && minAgreement <= 1,
        "minAgreement",
        minAgreement,
        "a fraction from 0 to 1");
  }

  /** The figures that fall short, in words; empty if the gate holds. */
  Optional<String> shortfall(Comparison c) {
    long lost = c.floatTop1().hits() - c.int8Top1().hits();
    long total = c.floatTop1().total();
    if (lost > allowedLoss(total)) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "top-1 falls by %.2f points (%d of %d images), --max-drop %s allows %d",
              PERCENT * lost / total,
              lost,
              total,
              maxDrop,
              allowedLoss(total)));
    }
    if (c.agreement().value() < minAgreement) {
      return Optional.of(
          String.format(
              Locale.ROOT,
              "both models agree on %.2f %% of the images, --min-agreement asks for %.2f %%",
              PERCENT * c.agreement().value(),
              PERCENT * minAgreement));
    }
    return Optional.empty();
  }

  /** The number of images recognised by the float model that may be lost. */
  long allowedLoss(long images) {
    long whole = (long) Math.floor(maxDrop / PERCENT * images + ROUNDING);
    return maxDrop == 0 ? 0 : Math.max(1, whole);
  }
}
