package dev.octavo.train;

import dev.octavo.image.Preprocessing;
import dev.octavo.image.augment.Augmentation;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.collective.CommDtype;
import dev.octavo.train.optim.LearningRateSchedule;
import dev.octavo.train.optim.OptimizerSettings;
import dev.octavo.train.optim.OptimizerSettings.Algorithm;
import java.util.List;

/** Recipes for small tests: what a test does not name is plain. */
final class Recipes {
  static final long SEED = 5;

  private final int epochs;
  private final int batchSize;
  private Algorithm algorithm = Algorithm.NESTEROV;
  private double learningRate = 0.01;
  private double clipNorm;
  private double warmup;
  private double mixup;
  private Augmentation augmentation = Augmentation.DEFAULT;
  private BatchNorm batchNorm = BatchNorm.FROZEN;
  private int accumulate = 1;
  private CommDtype commDtype = CommDtype.FP32;
  private List<String> frozen = List.of();
  private Recipe.Scope scope = Recipe.Scope.NETWORK;
  private double residualGamma = 1;
  private double ema;
  private int patience;

  private Recipes(int epochs, int batchSize) {
    this.epochs = epochs;
    this.batchSize = batchSize;
  }

  static Recipes of(int epochs, int batchSize) {
    return new Recipes(epochs, batchSize);
  }

  Recipes algorithm(Algorithm value) {
    algorithm = value;
    return this;
  }

  Recipes learningRate(double value) {
    learningRate = value;
    return this;
  }

  Recipes clipNorm(double value) {
    clipNorm = value;
    return this;
  }

  Recipes warmup(double value) {
    warmup = value;
    return this;
  }

  Recipes mixup(double value) {
    mixup = value;
    return this;
  }

  Recipes augmentation(Augmentation value) {
    augmentation = value;
    return this;
  }

  Recipes batchNorm(BatchNorm value) {
    batchNorm = value;
    return this;
  }

  Recipes accumulate(int value) {
    accumulate = value;
    return this;
  }

  Recipes commDtype(CommDtype value) {
    commDtype = value;
    return this;
  }

  Recipes frozen(String... value) {
    frozen = List.of(value);
    return this;
  }

  Recipes scope(Recipe.Scope value) {
    scope = value;
    return this;
  }

  Recipes residualGamma(double value) {
    residualGamma = value;
    return this;
  }

  Recipes ema(double value) {
    ema = value;
    return this;
  }

  Recipes patience(int value) {
    patience = value;
    return this;
  }

  Recipe build() {
    return new Recipe(
        epochs,
        batchSize,
        accumulate,
        Preprocessing.ofSize(32),
        new OptimizerSettings(algorithm, learningRate, 1, 0.9, 1e-4, clipNorm),
        LearningRateSchedule.cosine(warmup),
        new LossSettings(0.1, LossSettings.ClassWeights.NONE, mixup),
        augmentation,
        batchNorm,
        commDtype,
        frozen,
        scope,
        residualGamma,
        ema,
        patience,
        SEED);
  }
}
