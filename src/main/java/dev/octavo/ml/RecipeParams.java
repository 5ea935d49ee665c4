package dev.octavo.ml;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Paths;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.collective.CommDtype;
import dev.octavo.train.Recipe;
import dev.octavo.train.RecipeBuilder;
import dev.octavo.train.TrainSettings;
import dev.octavo.train.TrainSettingsBuilder;
import dev.octavo.weights.WeightImport;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The parameters of {@link OctavoEstimator} that say how to train: the options of {@code
 * jobs/train}, with its defaults. Those that belong together stand in the classes above this one.
 */
public abstract class RecipeParams extends LossParams<OctavoEstimator> {
  private static final long serialVersionUID = 1L;

  private final Param<String> network;
  private final Param<String> weights;
  private final Param<String> quantizationAware;
  private final BooleanParam allowPartial;
  private final IntParam imageSize;
  private final IntParam epochs;
  private final IntParam batchSize;
  private final IntParam globalBatchSize;
  private final IntParam accumulate;
  private final Param<String> batchNorm;
  private final StringArrayParam freeze;
  private final BooleanParam linearProbe;
  private final DoubleParam residualGamma;
  private final DoubleParam ema;
  private final IntParam patience;
  private final BooleanParam calibrateConfidence;

  RecipeParams(String uid) {
    super(uid, "prediction");
    network =
        new Param<>(uid, "network", "name of the architecture, as jobs/train --network has it");
    weights =
        new Param<>(uid, "weights", "file or model bundle to start from; without it from scratch");
    quantizationAware =
        new Param<>(
            uid,
            "quantizationAware",
            "int8 bundle that was made of weights, which training simulates; batch norm is frozen");
    allowPartial =
        new BooleanParam(
            uid,
            "allowPartial",
            "accept weights that have less than half of the network's parameters");
    imageSize =
        new IntParam(
            uid,
            "imageSize",
            "height and width of the crops in pixels; the network's own unless set");
    epochs = new IntParam(uid, "epochs", "passes over the rows to train on");
    batchSize = new IntParam(uid, "batchSize", "images per step and worker");
    globalBatchSize =
        new IntParam(
            uid,
            "globalBatchSize",
            "images per step of all workers together, in place of batchSize; 0 is off");
    accumulate = new IntParam(uid, "accumulate", "batches per worker between two steps");
    batchNorm = new Param<>(uid, "batchNorm", "statistics of batch norm: local, sync or frozen");
    freeze =
        new StringArrayParam(
            this, "freeze", "stages or modules that are not trained, such as stem and layer1");
    linearProbe =
        new BooleanParam(
            uid, "linearProbe", "train the classifier alone, on features that are computed once");
    residualGamma =
        new DoubleParam(
            uid,
            "residualGamma",
            "start of the scale of the last batch norm of fresh residual blocks");
    ema =
        new DoubleParam(
            uid, "ema", "decay per step of the moving average that is published; 0 is off");
    patience =
        new IntParam(
            uid, "patience", "epochs without progress after which training ends; 0 is off");
    calibrateConfidence =
        new BooleanParam(
            uid,
            "calibrateConfidence",
            "fit a temperature to the logits of the rows to validate with, for probabilities");
    setDefault(network, "resnet50");
    setDefault(allowPartial, false);
    setDefault(epochs, 8);
    setDefault(batchSize, 32);
    setDefault(globalBatchSize, 0);
    setDefault(accumulate, 1);
    setDefault(batchNorm, "local");
    setDefault(freeze, new String[0]);
    setDefault(linearProbe, false);
    setDefault(residualGamma, 1.0);
    setDefault(ema, 0.0);
    setDefault(patience, 0);
    setDefault(calibrateConfidence, false);
  }

  /** Name of the architecture, as jobs/train --network has it. */
  public Param<String> network() {
    return network;
  }

  /** Sets {@link #network} (resnet50). */
  public OctavoEstimator setNetwork(String value) {
    return with(network, value);
  }

  /** File or model bundle to start from; without it from scratch. */
  public Param<String> weights() {
    return weights;
  }

  /** Sets {@link #weights}. */
  public OctavoEstimator setWeights(String value) {
    return with(weights, value);
  }

  /** Int8 bundle that was made of weights, which training simulates; batch norm is frozen. */
  public Param<String> quantizationAware() {
    return quantizationAware;
  }

  /** Sets {@link #quantizationAware}. */
  public OctavoEstimator setQuantizationAware(String value) {
    return with(quantizationAware, value);
  }

  /** Accept weights that have less than half of the network's parameters. */
  public BooleanParam allowPartial() {
    return allowPartial;
  }

  /** Sets {@link #allowPartial} (false). */
  public OctavoEstimator setAllowPartial(boolean value) {
    return with(allowPartial, value);
  }

  /** Height and width of the crops in pixels; the network's own unless set. */
  public IntParam imageSize() {
    return imageSize;
  }

  /** Sets {@link #imageSize}. */
  public OctavoEstimator setImageSize(int value) {
    return with(imageSize, value);
  }

  /** Passes over the rows to train on. */
  public IntParam epochs() {
    return epochs;
  }

  /** Sets {@link #epochs} (8). */
  public OctavoEstimator setEpochs(int value) {
    return with(epochs, value);
  }

  /** Images per step and worker. */
  public IntParam batchSize() {
    return batchSize;
  }

  /** Sets {@link #batchSize} (32). */
  public OctavoEstimator setBatchSize(int value) {
    return with(batchSize, value);
  }

  /** Images per step of all workers together, in place of batchSize; 0 is off. */
  public IntParam globalBatchSize() {
    return globalBatchSize;
  }

  /** Sets {@link #globalBatchSize} (0). */
  public OctavoEstimator setGlobalBatchSize(int value) {
    return with(globalBatchSize, value);
  }

  /** Batches per worker between two steps. */
  public IntParam accumulate() {
    return accumulate;
  }

  /** Sets {@link #accumulate} (1). */
  public OctavoEstimator setAccumulate(int value) {
    return with(accumulate, value);
  }

  /** Statistics of batch norm: local, sync or frozen. */
  public Param<String> batchNorm() {
    return batchNorm;
  }

  /** Sets {@link #batchNorm} (local). */
  public OctavoEstimator setBatchNorm(String value) {
    return with(batchNorm, value);
  }

  /** Stages or modules that are not trained, such as stem and layer1. */
  public StringArrayParam freeze() {
    return freeze;
  }

  /** Sets {@link #freeze} (nothing). */
  public OctavoEstimator setFreeze(String[] value) {
    return with(freeze, value);
  }

  /** Train the classifier alone, on features that are computed once. */
  public BooleanParam linearProbe() {
    return linearProbe;
  }

  /** Sets {@link #linearProbe} (false). */
  public OctavoEstimator setLinearProbe(boolean value) {
    return with(linearProbe, value);
  }

  /** Start of the scale of the last batch norm of fresh residual blocks. */
  public DoubleParam residualGamma() {
    return residualGamma;
  }

  /** Sets {@link #residualGamma} (1). */
  public OctavoEstimator setResidualGamma(double value) {
    return with(residualGamma, value);
  }

  /** Decay per step of the moving average that is published; 0 is off. */
  public DoubleParam ema() {
    return ema;
  }

  /** Sets {@link #ema} (0). */
  public OctavoEstimator setEma(double value) {
    return with(ema, value);
  }

  /** Epochs without progress after which training ends; 0 is off. */
  public IntParam patience() {
    return patience;
  }

  /** Sets {@link #patience} (0). */
  public OctavoEstimator setPatience(int value) {
    return with(patience, value);
  }

  /** Fit a temperature to the logits of the rows to validate with, for probabilities. */
  public BooleanParam calibrateConfidence() {
    return calibrateConfidence;
  }

  /** Sets {@link #calibrateConfidence} (false). */
  public OctavoEstimator setCalibrateConfidence(boolean value) {
    return with(calibrateConfidence, value);
  }

  private Recipe recipe(Architecture architecture) {
    Preprocessing own = architecture.preprocessing();
    Preprocessing preprocessing = isSet(imageSize) ? own.withCropSize(value(imageSize)) : own;
    return RecipeBuilder.builder()
        .epochs(value(epochs))
        .batchSize(value(batchSize))
        .globalBatchSize(value(globalBatchSize))
        .accumulate(value(accumulate))
        .preprocessing(preprocessing)
        .trainSizes(trainSizes(preprocessing.cropSize()))
        .optimizer(optimizerSettings())
        .layerDecay(value(layerDecay()))
        .samRho(value(samRho()))
        .schedule(learningRateSchedule(value(epochs)))
        .loss(lossSettings())
        .augmentation(augmentation())
        .dropoutFactor(value(dropoutFactor()))
        .repeats(value(repeats()))
        .batchNorm(
            isSet(quantizationAware) ? BatchNorm.FROZEN : constant(batchNorm, BatchNorm.class))
        .commDtype(constant(commDtype(), CommDtype.class))
        .frozen(values(freeze))
        .scope(value(linearProbe) ? Recipe.Scope.CLASSIFIER : Recipe.Scope.NETWORK)
        .residualGamma(value(residualGamma))
        .ema(value(ema))
        .patience(value(patience))
        .seed(value(seed()))
        .build();
  }

  /**
   * The settings of the stage.
   *
   * @param data the dataset
   * @param out where the model goes
   * @param run where the state of the training is meanwhile
   */
  final TrainSettings settings(Path data, Path out, Path run) {
    Architecture architecture = Architectures.of(value(network));
    return TrainSettingsBuilder.builder()
        .data(data)
        .out(out)
        .ifExists(Destination.IfExists.FAIL)
        .network(architecture)
        .weights(optional(weights).map(Paths::of))
        .quantizationAware(optional(quantizationAware).map(Paths::of))
        .teacher(teacherSettings())
        .importPolicy(
            value(allowPartial)
                ? WeightImport.Policy.ALLOW_PARTIAL
                : WeightImport.Policy.REQUIRE_HALF)
        .recipe(recipe(architecture))
        .calibrateConfidence(value(calibrateConfidence))
        .checkData(false)
        .precision(wantedPrecision())
        .run(runSettings(run))
        .workers(optionalInt(workers()))
        .minWorkers(optionalInt(minWorkers()))
        .threads(optionalInt(threads()))
        .build();
  }

  @Override
  void checkValues() {
    Path anywhere = new Path("/");
    settings(anywhere, anywhere, anywhere);
  }
}
