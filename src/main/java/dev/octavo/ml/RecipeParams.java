package dev.octavo.ml;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Paths;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.augment.Augmentation;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.program.Precision;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.collective.CommDtype;
import dev.octavo.tracking.MlflowServer;
import dev.octavo.train.CheckpointSettings;
import dev.octavo.train.LossSettings;
import dev.octavo.train.Recipe;
import dev.octavo.train.RecipeBuilder;
import dev.octavo.train.RunSettings;
import dev.octavo.train.TeacherSettings;
import dev.octavo.train.TrainSettings;
import dev.octavo.train.TrainSettingsBuilder;
import dev.octavo.train.optim.LearningRateSchedule;
import dev.octavo.train.optim.OptimizerSettings;
import dev.octavo.weights.WeightImport;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The parameters of {@link OctavoEstimator} that say how to train: the options of {@code
 * jobs/train}, with its defaults.
 */
public abstract class RecipeParams extends FitParams<OctavoEstimator> {
  private static final long serialVersionUID = 1L;

  private final Param<String> network;
  private final Param<String> weights;
  private final Param<String> quantizationAware;
  private final Param<String> teacher;
  private final DoubleParam teacherWeight;
  private final DoubleParam temperature;
  private final BooleanParam allowPartial;
  private final IntParam imageSize;
  private final IntParam epochs;
  private final IntParam batchSize;
  private final IntParam accumulate;
  private final Param<String> batchNorm;
  private final StringArrayParam freeze;
  private final BooleanParam linearProbe;
  private final DoubleParam residualGamma;
  private final DoubleParam ema;
  private final IntParam patience;
  private final Param<String> precision;
  private final Param<String> commDtype;
  private final IntParam workers;
  private final IntParam threads;
  private final Param<String> optimizer;
  private final DoubleParam learningRate;
  private final DoubleParam backboneLrFactor;
  private final DoubleParam momentum;
  private final DoubleParam weightDecay;
  private final DoubleParam clipNorm;
  private final Param<String> schedule;
  private final DoubleParam warmupEpochs;
  private final DoubleParam stepEpochs;
  private final DoubleParam stepFactor;
  private final Param<String> crop;
  private final DoubleParam minArea;
  private final DoubleParam flip;
  private final DoubleParam colorJitter;
  private final Param<String> augment;
  private final DoubleParam mixup;
  private final DoubleParam labelSmoothing;
  private final Param<String> classWeights;
  private final DoubleParam checkpointMinutes;
  private final IntParam checkpointSteps;
  private final IntParam keepCheckpoints;
  private final Param<String> tensorboard;
  private final Param<String> mlflow;
  private final Param<String> mlflowExperiment;

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
    teacher =
        new Param<>(
            uid, "teacher", "bundle of a model of the same classes whose answers are learned, too");
    teacherWeight =
        new DoubleParam(
            uid,
            "teacherWeight",
            "the teacher's part in the loss, above 0; 1 leaves the labels out");
    temperature =
        new DoubleParam(
            uid, "temperature", "what logits of teacher and student are divided by, from 1");
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
    accumulate = new IntParam(uid, "accumulate", "batches per worker between two steps");
    batchNorm = new Param<>(uid, "batchNorm", "statistics of batch norm: local, sync or frozen");
    freeze = new StringArrayParam(this, "freeze", "what is left as it is, as in stem and layer1");
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
    precision =
        new Param<>(
            uid,
            "precision",
            "what convolutions compute in: fp32, bf16, or auto for what the CPUs are made for");
    commDtype =
        new Param<>(uid, "commDtype", "what gradients travel as between workers: fp32 or bf16");
    workers = new IntParam(uid, "workers", "executors that train; all unless set");
    threads =
        new IntParam(
            uid,
            "threads",
            "threads of libtorch in each worker; the cores of an executor unless set");
    optimizer = new Param<>(uid, "optimizer", "update rule: sgd, nesterov or adamw");
    learningRate =
        new DoubleParam(uid, "learningRate", "learning rate at its highest, of what starts fresh");
    backboneLrFactor =
        new DoubleParam(
            uid, "backboneLrFactor", "factor on the learning rate of what comes from weights");
    momentum =
        new DoubleParam(uid, "momentum", "momentum of sgd and nesterov, and adamw's first beta");
    weightDecay =
        new DoubleParam(
            uid, "weightDecay", "decay of weights; biases and batch norm are not decayed");
    clipNorm =
        new DoubleParam(
            uid, "clipNorm", "length that a longer gradient is scaled down to; 0 for no limit");
    schedule =
        new Param<>(
            uid, "schedule", "course of the learning rate: constant, step, cosine or one-cycle");
    warmupEpochs =
        new DoubleParam(
            uid,
            "warmupEpochs",
            "epochs in which the learning rate rises; 1 unless set, or 0.3 of all for one-cycle");
    stepEpochs =
        new DoubleParam(uid, "stepEpochs", "epochs between two steps of the schedule step");
    stepFactor =
        new DoubleParam(uid, "stepFactor", "what a step multiplies the learning rate with");
    crop = new Param<>(uid, "crop", "crop of train images: random-resized, random or center");
    minArea =
        new DoubleParam(uid, "minArea", "smallest share of an image that random-resized shows");
    flip = new DoubleParam(uid, "flip", "how often an image is mirrored, left to right");
    colorJitter =
        new DoubleParam(
            uid, "colorJitter", "strength of random brightness, contrast, saturation and hue");
    augment = new Param<>(uid, "augment", "random operations: trivial, rand or none");
    mixup =
        new DoubleParam(
            uid,
            "mixup",
            "both parameters of the Beta distribution that images are mixed by; 0 is off");
    labelSmoothing =
        new DoubleParam(
            uid, "labelSmoothing", "share of the target that is spread over all classes");
    classWeights =
        new Param<>(
            uid,
            "classWeights",
            "balanced: an image counts inversely to the size of its class; or none");
    checkpointMinutes =
        new DoubleParam(uid, "checkpointMinutes", "minutes between two checkpoints; 0 is off");
    checkpointSteps =
        new IntParam(uid, "checkpointSteps", "steps between two checkpoints; 0 is off");
    keepCheckpoints =
        new IntParam(uid, "keepCheckpoints", "how many of the last checkpoints are kept");
    tensorboard = new Param<>(uid, "tensorboard", "directory for event files of TensorBoard");
    mlflow =
        new Param<>(
            uid, "mlflow", "address of an MLflow tracking server that settings and figures go to");
    mlflowExperiment =
        new Param<>(uid, "mlflowExperiment", "experiment of the run on the MLflow server");
    setDefault(network, "resnet50");
    setDefault(teacherWeight, 0.5);
    setDefault(temperature, 2.0);
    setDefault(allowPartial, false);
    setDefault(epochs, 8);
    setDefault(batchSize, 32);
    setDefault(accumulate, 1);
    setDefault(batchNorm, "local");
    setDefault(freeze, new String[0]);
    setDefault(linearProbe, false);
    setDefault(residualGamma, 1.0);
    setDefault(ema, 0.0);
    setDefault(patience, 0);
    setDefault(precision, "auto");
    setDefault(commDtype, "fp32");
    setDefault(optimizer, "nesterov");
    setDefault(learningRate, 0.005);
    setDefault(backboneLrFactor, 1.0);
    setDefault(momentum, 0.9);
    setDefault(weightDecay, 1e-4);
    setDefault(clipNorm, 0.0);
    setDefault(schedule, "cosine");
    setDefault(stepEpochs, 30.0);
    setDefault(stepFactor, 0.1);
    setDefault(crop, "random-resized");
    setDefault(minArea, 0.08);
    setDefault(flip, 0.5);
    setDefault(colorJitter, 0.0);
    setDefault(augment, "none");
    setDefault(mixup, 0.0);
    setDefault(labelSmoothing, 0.1);
    setDefault(classWeights, "none");
    setDefault(checkpointMinutes, 10.0);
    setDefault(checkpointSteps, 0);
    setDefault(keepCheckpoints, 2);
    setDefault(mlflowExperiment, "octavo");
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

  /** Bundle of a model of the same classes whose answers are learned, too. */
  public Param<String> teacher() {
    return teacher;
  }

  /** Sets {@link #teacher}. */
  public OctavoEstimator setTeacher(String value) {
    return with(teacher, value);
  }

  /** The teacher's part in the loss, above 0; 1 leaves the labels out. */
  public DoubleParam teacherWeight() {
    return teacherWeight;
  }

  /** Sets {@link #teacherWeight} (0.5). */
  public OctavoEstimator setTeacherWeight(double value) {
    return with(teacherWeight, value);
  }

  /** What logits of teacher and student are divided by, from 1. */
  public DoubleParam temperature() {
    return temperature;
  }

  /** Sets {@link #temperature} (2). */
  public OctavoEstimator setTemperature(double value) {
    return with(temperature, value);
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

  /** What is left as it is, as in stem and layer1. */
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

  /** What convolutions compute in: fp32, bf16, or auto for what the CPUs are made for. */
  public Param<String> precision() {
    return precision;
  }

  /** Sets {@link #precision} (auto). */
  public OctavoEstimator setPrecision(String value) {
    return with(precision, value);
  }

  /** What gradients travel as between workers: fp32 or bf16. */
  public Param<String> commDtype() {
    return commDtype;
  }

  /** Sets {@link #commDtype} (fp32). */
  public OctavoEstimator setCommDtype(String value) {
    return with(commDtype, value);
  }

  /** Executors that train; all unless set. */
  public IntParam workers() {
    return workers;
  }

  /** Sets {@link #workers}. */
  public OctavoEstimator setWorkers(int value) {
    return with(workers, value);
  }

  /** Threads of libtorch in each worker; the cores of an executor unless set. */
  public IntParam threads() {
    return threads;
  }

  /** Sets {@link #threads}. */
  public OctavoEstimator setThreads(int value) {
    return with(threads, value);
  }

  /** Update rule: sgd, nesterov or adamw. */
  public Param<String> optimizer() {
    return optimizer;
  }

  /** Sets {@link #optimizer} (nesterov). */
  public OctavoEstimator setOptimizer(String value) {
    return with(optimizer, value);
  }

  /** Learning rate at its highest, of what starts fresh. */
  public DoubleParam learningRate() {
    return learningRate;
  }

  /** Sets {@link #learningRate} (0.005). */
  public OctavoEstimator setLearningRate(double value) {
    return with(learningRate, value);
  }

  /** Factor on the learning rate of what comes from weights. */
  public DoubleParam backboneLrFactor() {
    return backboneLrFactor;
  }

  /** Sets {@link #backboneLrFactor} (1). */
  public OctavoEstimator setBackboneLrFactor(double value) {
    return with(backboneLrFactor, value);
  }

  /** Momentum of sgd and nesterov, and adamw's first beta. */
  public DoubleParam momentum() {
    return momentum;
  }

  /** Sets {@link #momentum} (0.9). */
  public OctavoEstimator setMomentum(double value) {
    return with(momentum, value);
  }

  /** Decay of weights; biases and batch norm are not decayed. */
  public DoubleParam weightDecay() {
    return weightDecay;
  }

  /** Sets {@link #weightDecay} (1e-4). */
  public OctavoEstimator setWeightDecay(double value) {
    return with(weightDecay, value);
  }

  /** Length that a longer gradient is scaled down to; 0 for no limit. */
  public DoubleParam clipNorm() {
    return clipNorm;
  }

  /** Sets {@link #clipNorm} (0). */
  public OctavoEstimator setClipNorm(double value) {
    return with(clipNorm, value);
  }

  /** Course of the learning rate: constant, step, cosine or one-cycle. */
  public Param<String> schedule() {
    return schedule;
  }

  /** Sets {@link #schedule} (cosine). */
  public OctavoEstimator setSchedule(String value) {
    return with(schedule, value);
  }

  /** Epochs in which the learning rate rises; 1 unless set, or 0.3 of all for one-cycle. */
  public DoubleParam warmupEpochs() {
    return warmupEpochs;
  }

  /** Sets {@link #warmupEpochs}. */
  public OctavoEstimator setWarmupEpochs(double value) {
    return with(warmupEpochs, value);
  }

  /** Epochs between two steps of the schedule step. */
  public DoubleParam stepEpochs() {
    return stepEpochs;
  }

  /** Sets {@link #stepEpochs} (30). */
  public OctavoEstimator setStepEpochs(double value) {
    return with(stepEpochs, value);
  }

  /** What a step multiplies the learning rate with. */
  public DoubleParam stepFactor() {
    return stepFactor;
  }

  /** Sets {@link #stepFactor} (0.1). */
  public OctavoEstimator setStepFactor(double value) {
    return with(stepFactor, value);
  }

  /** Crop of train images: random-resized, random or center. */
  public Param<String> crop() {
    return crop;
  }

  /** Sets {@link #crop} (random-resized). */
  public OctavoEstimator setCrop(String value) {
    return with(crop, value);
  }

  /** Smallest share of an image that random-resized shows. */
  public DoubleParam minArea() {
    return minArea;
  }

  /** Sets {@link #minArea} (0.08). */
  public OctavoEstimator setMinArea(double value) {
    return with(minArea, value);
  }

  /** How often an image is mirrored, left to right. */
  public DoubleParam flip() {
    return flip;
  }

  /** Sets {@link #flip} (0.5). */
  public OctavoEstimator setFlip(double value) {
    return with(flip, value);
  }

  /** Strength of random brightness, contrast, saturation and hue. */
  public DoubleParam colorJitter() {
    return colorJitter;
  }

  /** Sets {@link #colorJitter} (0). */
  public OctavoEstimator setColorJitter(double value) {
    return with(colorJitter, value);
  }

  /** Random operations: trivial, rand or none. */
  public Param<String> augment() {
    return augment;
  }

  /** Sets {@link #augment} (none). */
  public OctavoEstimator setAugment(String value) {
    return with(augment, value);
  }

  /** Both parameters of the Beta distribution that images are mixed by; 0 is off. */
  public DoubleParam mixup() {
    return mixup;
  }

  /** Sets {@link #mixup} (0). */
  public OctavoEstimator setMixup(double value) {
    return with(mixup, value);
  }

  /** Share of the target that is spread over all classes. */
  public DoubleParam labelSmoothing() {
    return labelSmoothing;
  }

  /** Sets {@link #labelSmoothing} (0.1). */
  public OctavoEstimator setLabelSmoothing(double value) {
    return with(labelSmoothing, value);
  }

  /** Balanced: an image counts inversely to the size of its class; or none. */
  public Param<String> classWeights() {
    return classWeights;
  }

  /** Sets {@link #classWeights} (none). */
  public OctavoEstimator setClassWeights(String value) {
    return with(classWeights, value);
  }

  /** Minutes between two checkpoints; 0 is off. */
  public DoubleParam checkpointMinutes() {
    return checkpointMinutes;
  }

  /** Sets {@link #checkpointMinutes} (10). */
  public OctavoEstimator setCheckpointMinutes(double value) {
    return with(checkpointMinutes, value);
  }

  /** Steps between two checkpoints; 0 is off. */
  public IntParam checkpointSteps() {
    return checkpointSteps;
  }

  /** Sets {@link #checkpointSteps} (0). */
  public OctavoEstimator setCheckpointSteps(int value) {
    return with(checkpointSteps, value);
  }

  /** How many of the last checkpoints are kept. */
  public IntParam keepCheckpoints() {
    return keepCheckpoints;
  }

  /** Sets {@link #keepCheckpoints} (2). */
  public OctavoEstimator setKeepCheckpoints(int value) {
    return with(keepCheckpoints, value);
  }

  /** Directory for event files of TensorBoard. */
  public Param<String> tensorboard() {
    return tensorboard;
  }

  /** Sets {@link #tensorboard}. */
  public OctavoEstimator setTensorboard(String value) {
    return with(tensorboard, value);
  }

  /** Address of an MLflow tracking server that settings and figures go to. */
  public Param<String> mlflow() {
    return mlflow;
  }

  /** Sets {@link #mlflow}. */
  public OctavoEstimator setMlflow(String value) {
    return with(mlflow, value);
  }

  /** Experiment of the run on the MLflow server. */
  public Param<String> mlflowExperiment() {
    return mlflowExperiment;
  }

  /** Sets {@link #mlflowExperiment} (octavo). */
  public OctavoEstimator setMlflowExperiment(String value) {
    return with(mlflowExperiment, value);
  }

  /** The precisions that can be named. */
  private enum TrainPrecision {
    AUTO,
    FP32,
    BF16
  }

  private OptionalInt optionalInt(IntParam param) {
    return isSet(param) ? OptionalInt.of(value(param)) : OptionalInt.empty();
  }

  private Recipe recipe(Architecture architecture) {
    Preprocessing own = architecture.preprocessing();
    LearningRateSchedule.Shape shape = constant(schedule, LearningRateSchedule.Shape.class);
    return RecipeBuilder.builder()
        .epochs(value(epochs))
        .batchSize(value(batchSize))
        .accumulate(value(accumulate))
        .preprocessing(isSet(imageSize) ? own.withCropSize(value(imageSize)) : own)
        .optimizer(
            new OptimizerSettings(
                constant(optimizer, OptimizerSettings.Algorithm.class),
                value(learningRate),
                value(backboneLrFactor),
                value(momentum),
                value(weightDecay),
                value(clipNorm)))
        .schedule(
            new LearningRateSchedule(
                shape,
                isSet(warmupEpochs)
                    ? value(warmupEpochs)
                    : LearningRateSchedule.usualWarmup(shape, value(epochs)),
                value(stepEpochs),
                value(stepFactor)))
        .loss(
            new LossSettings(
                value(labelSmoothing),
                constant(classWeights, LossSettings.ClassWeights.class),
                value(mixup)))
        .augmentation(
            new Augmentation(
                constant(crop, Augmentation.Crop.class),
                value(minArea),
                value(flip),
                value(colorJitter),
                constant(augment, Augmentation.Policy.class)))
        .batchNorm(
            isSet(quantizationAware) ? BatchNorm.FROZEN : constant(batchNorm, BatchNorm.class))
        .commDtype(constant(commDtype, CommDtype.class))
        .frozen(values(freeze))
        .scope(value(linearProbe) ? Recipe.Scope.CLASSIFIER : Recipe.Scope.NETWORK)
        .residualGamma(value(residualGamma))
        .ema(value(ema))
        .patience(value(patience))
        .seed(value(seed()))
        .build();
  }

  private RunSettings run(Path directory) {
    return new RunSettings(
        Optional.of(directory),
        RunSettings.Start.NEW,
        new CheckpointSettings(
            value(checkpointSteps), value(checkpointMinutes), value(keepCheckpoints)),
        optional(tensorboard).map(Paths::of),
        optional(mlflow).map(address -> MlflowServer.of(address, System.getenv()).toString()),
        value(mlflowExperiment));
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
    TrainPrecision wanted = constant(precision, TrainPrecision.class);
    return TrainSettingsBuilder.builder()
        .data(data)
        .out(out)
        .ifExists(Destination.IfExists.FAIL)
        .network(architecture)
        .weights(optional(weights).map(Paths::of))
        .quantizationAware(optional(quantizationAware).map(Paths::of))
        .teacher(
            optional(teacher)
                .map(
                    bundle ->
                        new TeacherSettings(
                            Paths.of(bundle), value(teacherWeight), value(temperature))))
        .importPolicy(
            value(allowPartial)
                ? WeightImport.Policy.ALLOW_PARTIAL
                : WeightImport.Policy.REQUIRE_HALF)
        .recipe(recipe(architecture))
        .precision(
            wanted == TrainPrecision.AUTO
                ? Optional.empty()
                : Optional.of(Precision.valueOf(wanted.name())))
        .run(run(run))
        .workers(optionalInt(workers))
        .threads(optionalInt(threads))
        .build();
  }

  @Override
  void checkValues() {
    Path anywhere = new Path("/");
    settings(anywhere, anywhere, anywhere);
  }
}
