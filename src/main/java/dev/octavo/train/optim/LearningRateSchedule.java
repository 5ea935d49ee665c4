package dev.octavo.train.optim;

import dev.octavo.OctavoException;
import java.io.Serializable;
import java.util.Objects;

/**
 * A learning-rate schedule: a factor on the rate that the user sets.
 *
 * @param shape of the curve
 * @param warmupEpochs in which the rate rises, may be a fraction
 * @param stepEpochs after which {@link Shape#STEP} multiplies the rate with {@code stepFactor}
 * @param stepFactor between 0 and 1
 */
public record LearningRateSchedule(
    Shape shape, double warmupEpochs, double stepEpochs, double stepFactor)
    implements Serializable {
  private static final double ONE_CYCLE_RISE = 0.3;
  private static final double ONE_CYCLE_START = 1.0 / 25;
  private static final double ONE_CYCLE_END = ONE_CYCLE_START / 1e4;
  private static final double WARMUP_START = 1e-3;

  /** The curve after the warm-up. */
  public enum Shape {
    /** 1, after a linear warm-up. */
    CONSTANT,
    /** Falls by a factor every few epochs, counted from the start, after a linear warm-up. */
    STEP,
    /** Half a cosine from 1 to 0 (Loshchilov and Hutter 2017), after a linear warm-up. */
    COSINE,
    /**
     * From 1/25 up to 1 and down to almost 0, both along half a cosine (Smith and Topin 2018, with
     * the figures of {@code torch.optim.lr_scheduler.OneCycleLR}); the warm-up is the way up.
     */
    ONE_CYCLE
  }

  /** Checks the ranges. */
  public LearningRateSchedule {
    Objects.requireNonNull(shape, "shape");
    check(
        warmupEpochs >= 0 && Double.isFinite(warmupEpochs),
        "number of warm-up epochs",
        warmupEpochs);
    check(
        stepEpochs > 0 && Double.isFinite(stepEpochs),
        "number of epochs between steps",
        stepEpochs);
    check(stepFactor > 0 && stepFactor < 1, "factor of a step", stepFactor);
  }

  /**
   * The warm-up that is usual for a shape: an epoch, or half of all if there are fewer than two;
   * three tenths of all for {@link Shape#ONE_CYCLE}, as torch has it by default.
   */
  public static double usualWarmup(Shape shape, int epochs) {
    return shape == Shape.ONE_CYCLE ? ONE_CYCLE_RISE * epochs : Math.min(1, epochs / 2.0);
  }

  /** A cosine with linear warm-up. */
  public static LearningRateSchedule cosine(double warmupEpochs) {
    return new LearningRateSchedule(Shape.COSINE, warmupEpochs, 1, 0.1);
  }

  /**
   * The factor, from 0 to 1.
   *
   * @param progress epochs done, with the fraction of the current one
   * @param epochs in all
   */
  public double factor(double progress, int epochs) {
    if (progress < warmupEpochs) {
      double done = progress / warmupEpochs;
      return shape == Shape.ONE_CYCLE
          ? anneal(ONE_CYCLE_START, 1, done)
          : Math.max(done, WARMUP_START);
    }
    double done = Math.min(1, (progress - warmupEpochs) / (epochs - warmupEpochs));
    return switch (shape) {
      case CONSTANT -> 1;
      case STEP -> Math.pow(stepFactor, Math.floor(progress / stepEpochs));
      case COSINE -> anneal(1, 0, done);
      case ONE_CYCLE -> anneal(1, ONE_CYCLE_END, done);
    };
  }

  private static double anneal(double from, double to, double done) {
    return to + (from - to) * (1 + Math.cos(Math.PI * done)) / 2;
  }

  private static void check(boolean ok, String what, double value) {
    if (!ok) {
      throw new OctavoException.Usage("the %s can't be %s".formatted(what, value));
    }
  }
}
