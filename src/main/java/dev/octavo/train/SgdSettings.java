package dev.octavo.train;

import dev.octavo.OctavoException;
import java.io.Serializable;

/**
 * Stochastic gradient descent with Nesterov momentum, as {@code torch.optim.SGD} defines it.
 *
 * @param learningRate at the schedule's top, for the classifier
 * @param backboneFactor what the learning rate of everything but the classifier is multiplied with
 * @param momentum from 0 (none) to less than 1
 * @param weightDecay added gradient per weight; biases and batch norm are not decayed
 */
public record SgdSettings(
    double learningRate, double backboneFactor, double momentum, double weightDecay)
    implements Serializable {
  /** Checks the ranges. */
  public SgdSettings {
    check(learningRate > 0 && Double.isFinite(learningRate), "learning rate", learningRate);
    check(backboneFactor >= 0 && backboneFactor <= 100, "backbone factor", backboneFactor);
    check(momentum >= 0 && momentum < 1, "momentum", momentum);
    check(weightDecay >= 0 && Double.isFinite(weightDecay), "weight decay", weightDecay);
  }

  private static void check(boolean ok, String what, double value) {
    if (!ok) {
      throw new OctavoException.Usage("the %s can't be %s".formatted(what, value));
    }
  }
}
