package dev.octavo.train.optim;

import static dev.octavo.OctavoException.InvalidSetting.require;

import java.io.Serializable;
import java.util.Objects;

/**
 * The settings of the optimizer.
 *
 * @param algorithm the update rule
 * @param learningRate at the schedule's top, for what starts fresh
 * @param backboneFactor what the learning rate of weights that were taken from a file is multiplied
 *     with; the classifier learns at the full rate, wherever it comes from
 * @param momentum of SGD, or AdamW's decay of the first moment; from 0 to less than 1
 * @param weightDecay of weights; biases and batch norm are not decayed
 * @param clipNorm the largest Euclidean norm of the mean gradient, which is scaled down to it; 0
 *     for no limit
 */
public record OptimizerSettings(
    Algorithm algorithm,
    double learningRate,
    double backboneFactor,
    double momentum,
    double weightDecay,
    double clipNorm)
    implements Serializable {
  /** Update rules, as PyTorch's optimizers of the same name define them. */
  public enum Algorithm {
    /** Stochastic gradient descent with heavy-ball momentum. */
    SGD,
    /** Stochastic gradient descent with Nesterov momentum. */
    NESTEROV,
    /** Adam with decoupled weight decay. */
    ADAMW
  }

  /** Checks the ranges. */
  public OptimizerSettings {
    Objects.requireNonNull(algorithm, "algorithm");
    require(
        learningRate > 0 && Double.isFinite(learningRate),
        "learningRate",
        learningRate,
        "above 0 and finite");
    require(
        backboneFactor >= 0 && backboneFactor <= 100,
        "backboneFactor",
        backboneFactor,
        "from 0 to 100");
    require(momentum >= 0 && momentum < 1, "momentum", momentum, "at least 0 and below 1");
    require(
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "weightDecay",
        weightDecay,
        "at least 0 and finite");
    require(
        clipNorm >= 0 && Double.isFinite(clipNorm), "clipNorm", clipNorm, "at least 0 and finite");
  }
}
