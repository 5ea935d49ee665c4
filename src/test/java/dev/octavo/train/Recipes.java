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

  private Recipes() {}

  static RecipeBuilder of(int epochs, int batchSize) {
    return RecipeBuilder.builder()
        .epochs(epochs)
        .batchSize(batchSize)
        .globalBatchSize(0)
        .accumulate(1)
        .preprocessing(Preprocessing.ofSize(32))
        .trainSizes(TrainSizes.of(32))
        .optimizer(learningRate(0.01))
        .layerDecay(1)
        .samRho(0)
        .schedule(LearningRateSchedule.cosine(0))
        .loss(mixup(0))
        .augmentation(Augmentation.DEFAULT)
        .dropoutFactor(1)
        .repeats(1)
        .batchNorm(BatchNorm.FROZEN)
        .commDtype(CommDtype.FP32)
        .frozen(List.of())
        .scope(Recipe.Scope.NETWORK)
        .residualGamma(1)
        .ema(0)
        .patience(0)
        .seed(SEED)
        .builder();
  }

  static OptimizerSettings learningRate(double rate) {
    return optimizer(Algorithm.NESTEROV, rate, 0);
  }

  static OptimizerSettings optimizer(Algorithm algorithm, double learningRate, double clipNorm) {
    return new OptimizerSettings(algorithm, learningRate, 1, 0.9, 1e-4, clipNorm);
  }

  static LossSettings cutmix(double alpha) {
    return new LossSettings(0.1, LossSettings.ClassWeights.NONE, 0, alpha);
  }

  static LossSettings mixup(double alpha) {
    return new LossSettings(0.1, LossSettings.ClassWeights.NONE, alpha, 0);
  }
}
