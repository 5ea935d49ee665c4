package dev.octavo.train;

import static dev.octavo.OctavoException.InvalidSetting.require;

import dev.octavo.OctavoException;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.augment.Augmentation;
import dev.octavo.network.Architecture;
import dev.octavo.network.Network;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.collective.CommDtype;
import dev.octavo.train.optim.LearningRateSchedule;
import dev.octavo.train.optim.OptimizerSettings;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The recipe that a network is trained by.
 *
 * @param epochs passes over the train split
 * @param batchSize images per worker that the network sees at once, unless {@code globalBatchSize}
 *     says
 * @param globalBatchSize images between two updates, all workers together; 0 for {@code batchSize}
 *     of each worker, {@code accumulate} times
 * @param accumulate batches per worker between two updates
 * @param preprocessing of val images; train images become squares by the same filter
 * @param trainSizes height and width of train images
 * @param optimizer how gradients change the weights
 * @param layerDecay factor on the learning rate from each stage of the network to the one before
 *     it, of weights that were taken from a file; 1 for none. The classifier learns at the full
 *     rate
 * @param samRho radius of sharpness-aware minimization (SAM, Foret et al. 2021): each update takes
 *     the gradient at weights that are that far up the slope; 0 for plain gradients
 * @param schedule how the learning rate moves
 * @param loss what the network is to answer
 * @param augmentation how train images are varied
 * @param dropoutFactor factor on the network's own probabilities of dropout and stochastic depth
 * @param repeats how often an epoch has an image, each time varied otherwise; its steps stay
 * @param batchNorm which statistics batch norm uses in training
 * @param commDtype type of the numbers that workers exchange
 * @param frozen what is not trained: names of stages such as {@code stem} and {@code layer1}, or of
 *     modules
 * @param scope what of the network is trained
 * @param residualGamma what the scale of the last batch norm starts at in residual blocks that are
 *     fresh: 1 as in torchvision, 0 for blocks that begin as the identity (Goyal et al. 2017)
 * @param ema decay per update of the moving average of the weights that is evaluated and published;
 *     0 for the weights themselves
 * @param patience epochs without progress on val after which training ends; 0 for never
 * @param seed of everything random
 */
@RecordBuilder
public record Recipe(
    int epochs,
    int batchSize,
    int globalBatchSize,
    int accumulate,
    Preprocessing preprocessing,
    TrainSizes trainSizes,
    OptimizerSettings optimizer,
    double layerDecay,
    double samRho,
    LearningRateSchedule schedule,
    LossSettings loss,
    Augmentation augmentation,
    double dropoutFactor,
    int repeats,
    BatchNorm batchNorm,
    CommDtype commDtype,
    List<String> frozen,
    Scope scope,
    double residualGamma,
    double ema,
    int patience,
    long seed)
    implements Serializable {
  /** The most images per worker that the network may see at once. */
  public static final int MOST_AT_ONCE = 4096;

  /** The part of the network that is trained. */
  public enum Scope {
    /** All of it, but for what is frozen. */
    NETWORK,
    /**
     * A linear probe: the classifier alone, on features of the images (centre crops) that are
     * computed once.
     */
    CLASSIFIER
  }

  /** Checks the ranges. */
  public Recipe {
    Objects.requireNonNull(optimizer, "optimizer");
    Objects.requireNonNull(schedule, "schedule");
    Objects.requireNonNull(loss, "loss");
    Objects.requireNonNull(augmentation, "augmentation");
    Objects.requireNonNull(batchNorm, "batchNorm");
    Objects.requireNonNull(commDtype, "commDtype");
    Objects.requireNonNull(scope, "scope");
    frozen = List.copyOf(frozen);
    require(epochs >= 1, "epochs", epochs, "at least 1");
    require(
        batchSize >= 1 && batchSize <= MOST_AT_ONCE,
        "batchSize",
        batchSize,
        "from 1 to " + MOST_AT_ONCE);
    require(layerDecay > 0 && layerDecay <= 1, "layerDecay", layerDecay, "above 0 and at most 1");
    if (layerDecay < 1 && optimizer.backboneFactor() != 1) {
      throw new OctavoException.Usage(
          "--layer-decay and --backbone-lr-factor both say how fast what comes from --weights learns: give one");
    }
    if (scope == Scope.CLASSIFIER && !trainSizes.equals(TrainSizes.of(preprocessing.cropSize()))) {
      throw new OctavoException.Usage(
          "--linear-probe computes its features once, from images of --image-size: leave --train-image-size out");
    }
    if (layerDecay < 1 && scope == Scope.CLASSIFIER) {
      throw new OctavoException.Usage(
          "--layer-decay slows the stages below the classifier, which --linear-probe leaves as they are: leave one out");
    }
    require(samRho >= 0 && Double.isFinite(samRho), "samRho", samRho, "at least 0 and finite");
    require(repeats >= 1 && repeats <= 64, "repeats", repeats, "from 1 to 64");
    if (repeats > 1 && scope == Scope.CLASSIFIER) {
      throw new OctavoException.Usage(
          "--repeats shows an image in several ways, but --linear-probe computes its features once: leave one out");
    }
    require(
        dropoutFactor >= 0 && Double.isFinite(dropoutFactor),
        "dropoutFactor",
        dropoutFactor,
        "at least 0 and finite");
    if (dropoutFactor != 1 && scope == Scope.CLASSIFIER) {
      throw new OctavoException.Usage(
          "--dropout-factor is for networks, but --linear-probe trains without dropout: leave one out");
    }
    require(accumulate >= 1, "accumulate", accumulate, "at least 1");
    require(globalBatchSize >= 0, "globalBatchSize", globalBatchSize, "at least 0");
    require(
        globalBatchSize % accumulate == 0,
        "globalBatchSize",
        globalBatchSize,
        "a multiple of accumulate, " + accumulate);
    require(
        preprocessing.cropSize() >= BundleManifest.MIN_IMAGE_SIZE
            && preprocessing.cropSize() <= BundleManifest.MAX_IMAGE_SIZE,
        "imageSize",
        preprocessing.cropSize(),
        "from %d to %d".formatted(BundleManifest.MIN_IMAGE_SIZE, BundleManifest.MAX_IMAGE_SIZE));
    if (trainSizes.count() > epochs) {
      throw new OctavoException.Usage(
          "--train-image-size %d-%d are %d sizes, of which each takes an epoch, but there are %d --epochs"
              .formatted(trainSizes.first(), trainSizes.last(), trainSizes.count(), epochs));
    }
    require(
        schedule.warmupEpochs() < epochs,
        "warmupEpochs",
        schedule.warmupEpochs(),
        "below the number of epochs, " + epochs);
    require(
        residualGamma >= 0 && residualGamma <= 1, "residualGamma", residualGamma, "from 0 to 1");
    require(ema >= 0 && ema < 1, "ema", ema, "at least 0 and below 1");
    require(patience >= 0, "patience", patience, "at least 0");
    if (scope == Scope.CLASSIFIER && loss.mixes()) {
      throw new OctavoException.Usage(
          "%s mixes images, but a linear probe sees only their features: leave it out"
              .formatted(loss.mixup() > 0 ? "mixup" : "cutmix"));
    }
  }

  /**
   * The network as it is trained: with its dropout times the factor.
   *
   * @throws OctavoException.Usage if it has none, or would drop everything
   */
  Network dropping(Network network) {
    if (dropoutFactor == 1) {
      return network;
    }
    if (!network.hasDropout()) {
      throw new OctavoException.Usage(
          "%s has neither dropout nor stochastic depth: leave --dropout-factor out"
              .formatted(network.name()));
    }
    double highest = network.highestDropout();
    if (dropoutFactor * highest >= 1) {
      throw new OctavoException.Usage(
          "--dropout-factor %s is too high: %s drops %s already, so give less than %s"
              .formatted(dropoutFactor, network.name(), highest, 1 / highest));
    }
    return network.scalingDropout(dropoutFactor);
  }

  /** The images between two updates, all workers together. */
  public int globalBatch(int workers) {
    return globalBatchSize > 0
        ? globalBatchSize
        : Math.multiplyExact(Math.multiplyExact(batchSize, workers), accumulate);
  }

  /** Batches that are needed again after the next ones were taken: SAM looks at them twice. */
  public int batchesHeld() {
    return samRho > 0 ? accumulate : 1;
  }

  /** The settings by name, for manifests, trackers, and to compare two runs. */
  Map<String, Object> settings() {
    return RecordEntries.of(this);
  }

  /**
   * Says of each parameter, by torchvision's name as in {@code layer1.0.conv1.weight}, whether it
   * is trained.
   *
   * @throws OctavoException.Usage if what is frozen is no part of the network
   */
  Predicate<String> trained(Architecture architecture) {
    List<String> modules = architecture.modules(frozen);
    if (scope == Scope.CLASSIFIER) {
      String classifier = architecture.network(1).classifier().name() + ".";
      return name -> name.startsWith(classifier);
    }
    return name -> modules.stream().noneMatch(module -> name.startsWith(module + "."));
  }

  /**
   * The factor on the learning rate of a parameter that was taken from a file: for one in stage
   * <i>k</i> of <i>n</i>, counted from 0, it is {@code layerDecay^(n − k)}, as {@code layer_decay}
   * in timm and BEiT (Bao et al. 2022) has it by groups of layers.
   *
   * @param parameter its name
   */
  double rateFactor(Architecture architecture, String parameter) {
    int depth = architecture.stages().size() - architecture.stage(parameter);
    return depth == 0 ? 1 : optimizer.backboneFactor() * Math.pow(layerDecay, depth);
  }

  /** The way from images to what the network is trained on in an epoch, from 1. */
  public Preprocessing trainPreprocessing(int epoch) {
    return preprocessing.withCropSize(trainSizes.inEpoch(epoch, epochs));
  }

  /** The height and width of the largest images that the network sees. */
  public int largestSize() {
    return Math.max(preprocessing.cropSize(), trainSizes.last());
  }

  /** The source of batch norm's statistics: a linear probe leaves them alone. */
  public BatchNorm movingBatchNorm() {
    return scope == Scope.CLASSIFIER ? BatchNorm.FROZEN : batchNorm;
  }
}
