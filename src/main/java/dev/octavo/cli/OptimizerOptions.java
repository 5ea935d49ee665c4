package dev.octavo.cli;

import dev.octavo.train.optim.LearningRateSchedule;
import dev.octavo.train.optim.LearningRateSchedule.Shape;
import dev.octavo.train.optim.OptimizerSettings;
import dev.octavo.train.optim.OptimizerSettings.Algorithm;
import picocli.CommandLine.Option;

/** The optimizer options of {@code train}; used as a {@code @Mixin}. */
final class OptimizerOptions {
  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      defaultValue = "nesterov",
      description =
          "sgd (heavy-ball momentum), nesterov (SGD with Nesterov momentum) or adamw, as in PyTorch"
              + " (${DEFAULT-VALUE}).")
  private Algorithm algorithm;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      defaultValue = "0.005",
      converter = Converters.PositiveDouble.class,
      description =
          "Peak learning rate of newly initialized layers: the classifier, and tensors that"
              + " are not in --weights (${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--backbone-lr-factor",
      paramLabel = "F",
      defaultValue = "1",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Factor on the learning rate of tensors taken from --weights; the classifier"
              + " always learns at the full rate (${DEFAULT-VALUE}).")
  private double backboneFactor;

  @Option(
      names = "--layer-decay",
      paramLabel = "F",
      defaultValue = "1",
      converter = Converters.PositiveDouble.class,
      description =
          "Factor on the learning rate from stage to stage, away from the classifier: with 0.7 the"
              + " last stage of --weights learns at 0.7 of the rate, the one before at 0.49. Not with"
              + " --backbone-lr-factor (${DEFAULT-VALUE}).")
  private double layerDecay;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      defaultValue = "0.9",
      converter = Converters.Fraction.class,
      description = "Momentum of sgd and nesterov; adamw's first beta (${DEFAULT-VALUE}).")
  private double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "D",
      defaultValue = "1e-4",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Weight decay, never of biases and batch norm. For adamw 0.01 to 0.05 are usual"
              + " (${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--clip-norm",
      paramLabel = "L",
      defaultValue = "0",
      converter = Converters.NonNegativeDouble.class,
      description = "Clip the gradient's norm to this length; 0 is off (${DEFAULT-VALUE}).")
  private double clipNorm;

  @Option(
      names = "--sam-rho",
      paramLabel = "R",
      defaultValue = "0",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Sharpness-aware minimization (SAM): each step takes the gradient at weights that are so"
              + " far up the slope, as in 0.05, for twice the time; 0 is off (${DEFAULT-VALUE}).")
  private double samRho;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      defaultValue = "cosine",
      description =
          "Learning rate after the warm-up: constant, step, cosine (to 0) or one-cycle (to"
              + " almost 0; the warm-up is its way up) (${DEFAULT-VALUE}).")
  private Shape shape;

  @Option(
      names = "--warmup-epochs",
      paramLabel = "N",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Epochs in which the learning rate rises, may be a fraction (1, or less with a"
              + " single epoch; one-cycle: 0.3 of all epochs).")
  private Double warmupEpochs;

  @Option(
      names = "--step-epochs",
      paramLabel = "N",
      defaultValue = "30",
      converter = Converters.PositiveDouble.class,
      description = "Epochs between two steps of --schedule step (${DEFAULT-VALUE}).")
  private double stepEpochs;

  @Option(
      names = "--step-factor",
      paramLabel = "F",
      defaultValue = "0.1",
      converter = Converters.PositiveDouble.class,
      description = "Factor on the learning rate at each step (${DEFAULT-VALUE}).")
  private double stepFactor;

  OptimizerSettings optimizer() {
    return new OptimizerSettings(
        algorithm, learningRate, backboneFactor, momentum, weightDecay, clipNorm);
  }

  double layerDecay() {
    return layerDecay;
  }

  double samRho() {
    return samRho;
  }

  LearningRateSchedule schedule(int epochs) {
    double warmup =
        warmupEpochs == null ? LearningRateSchedule.usualWarmup(shape, epochs) : warmupEpochs;
    return new LearningRateSchedule(shape, warmup, stepEpochs, stepFactor);
  }
}
