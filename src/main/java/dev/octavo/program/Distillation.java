package dev.octavo.program;

/**
 * A loss that a teacher has a part in (Hinton et al., "Distilling the Knowledge in a Neural
 * Network", 2015): {@code (1 - weight) * cross-entropy + weight * temperature^2 * KL(teacher,
 * student)}, with both networks' logits divided by the temperature. The divergence counts as the
 * image does: times the sum of its targets. An image without a label has no cross-entropy.
 *
 * @param weight of the teacher, above 0 and at most 1, where the targets don't count at all
 * @param temperature that makes both distributions softer, at least 1
 * @param unlabelled whether images without a label take part: targets then have one more column,
 *     the share of an image that has no label
 */
public record Distillation(double weight, double temperature, boolean unlabelled) {
  /** Checks the ranges. */
  public Distillation {
    if (!(weight > 0 && weight <= 1) || !(temperature >= 1) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "no weight and temperature of a teacher: %s, %s".formatted(weight, temperature));
    }
  }

  /** The loss of images that all have labels. */
  public Distillation(double weight, double temperature) {
    this(weight, temperature, false);
  }
}
