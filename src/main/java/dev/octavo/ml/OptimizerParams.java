package dev.octavo.ml;

import dev.octavo.train.optim.LearningRateSchedule;
import dev.octavo.train.optim.OptimizerSettings;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;

/**
 * Parameters of the optimizer and of the learning rate.
 *
 * @param <S> the estimator
 */
public abstract class OptimizerParams<S extends OptimizerParams<S>> extends RunParams<S> {
  private static final long serialVersionUID = 1L;

  private final Param<String> optimizer;
  private final DoubleParam learningRate;
  private final DoubleParam backboneLrFactor;
  private final DoubleParam layerDecay;
  private final DoubleParam momentum;
  private final DoubleParam weightDecay;
  private final DoubleParam clipNorm;
  private final DoubleParam samRho;
  private final Param<String> schedule;
  private final DoubleParam warmupEpochs;
  private final DoubleParam stepEpochs;
  private final DoubleParam stepFactor;

  OptimizerParams(String uid, String defaultOutputCol) {
    super(uid, defaultOutputCol);
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
    samRho =
        new DoubleParam(
            uid,
            "samRho",
            "radius of sharpness-aware minimization (SAM), for twice the time; 0 for none");
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
    stepFactor = new DoubleParam(uid, "stepFactor", "factor on the learning rate at each step");
    layerDecay =
        new DoubleParam(
            uid,
            "layerDecay",
            "factor on the learning rate from stage to stage, away from the classifier");
    setDefault(optimizer, "nesterov");
    setDefault(learningRate, 0.005);
    setDefault(backboneLrFactor, 1.0);
    setDefault(momentum, 0.9);
    setDefault(weightDecay, 1e-4);
    setDefault(clipNorm, 0.0);
    setDefault(samRho, 0.0);
    setDefault(schedule, "cosine");
    setDefault(stepEpochs, 30.0);
    setDefault(stepFactor, 0.1);
    setDefault(layerDecay, 1.0);
  }

  /** Update rule: sgd, nesterov or adamw. */
  public Param<String> optimizer() {
    return optimizer;
  }

  /** Sets {@link #optimizer} (nesterov). */
  public S setOptimizer(String value) {
    return with(optimizer, value);
  }

  /** Learning rate at its highest, of what starts fresh. */
  public DoubleParam learningRate() {
    return learningRate;
  }

  /** Sets {@link #learningRate} (0.005). */
  public S setLearningRate(double value) {
    return with(learningRate, value);
  }

  /** Factor on the learning rate of what comes from weights. */
  public DoubleParam backboneLrFactor() {
    return backboneLrFactor;
  }

  /** Sets {@link #backboneLrFactor} (1). */
  public S setBackboneLrFactor(double value) {
    return with(backboneLrFactor, value);
  }

  /** Factor on the learning rate from stage to stage, away from the classifier. */
  public DoubleParam layerDecay() {
    return layerDecay;
  }

  /** Sets {@link #layerDecay} (1). */
  public S setLayerDecay(double value) {
    return with(layerDecay, value);
  }

  /** Momentum of sgd and nesterov, and adamw's first beta. */
  public DoubleParam momentum() {
    return momentum;
  }

  /** Sets {@link #momentum} (0.9). */
  public S setMomentum(double value) {
    return with(momentum, value);
  }

  /** Decay of weights; biases and batch norm are not decayed. */
  public DoubleParam weightDecay() {
    return weightDecay;
  }

  /** Sets {@link #weightDecay} (1e-4). */
  public S setWeightDecay(double value) {
    return with(weightDecay, value);
  }

  /** Length that a longer gradient is scaled down to; 0 for no limit. */
  public DoubleParam clipNorm() {
    return clipNorm;
  }

  /** Sets {@link #clipNorm} (0). */
  public S setClipNorm(double value) {
    return with(clipNorm, value);
  }

  /** Radius of sharpness-aware minimization (SAM), for twice the time; 0 for none. */
  public DoubleParam samRho() {
    return samRho;
  }

  /** Sets {@link #samRho} (0). */
  public S setSamRho(double value) {
    return with(samRho, value);
  }

  /** Course of the learning rate: constant, step, cosine or one-cycle. */
  public Param<String> schedule() {
    return schedule;
  }

  /** Sets {@link #schedule} (cosine). */
  public S setSchedule(String value) {
    return with(schedule, value);
  }

  /** Epochs in which the learning rate rises; 1 unless set, or 0.3 of all for one-cycle. */
  public DoubleParam warmupEpochs() {
    return warmupEpochs;
  }

  /** Sets {@link #warmupEpochs}. */
  public S setWarmupEpochs(double value) {
    return with(warmupEpochs, value);
  }

  /** Epochs between two steps of the schedule step. */
  public DoubleParam stepEpochs() {
    return stepEpochs;
  }

  /** Sets {@link #stepEpochs} (30). */
  public S setStepEpochs(double value) {
    return with(stepEpochs, value);
  }

  /** Factor on the learning rate at each step. */
  public DoubleParam stepFactor() {
    return stepFactor;
  }

  /** Sets {@link #stepFactor} (0.1). */
  public S setStepFactor(double value) {
    return with(stepFactor, value);
  }

  final OptimizerSettings optimizerSettings() {
    return new OptimizerSettings(
        constant(optimizer, OptimizerSettings.Algorithm.class),
        value(learningRate),
        value(backboneLrFactor),
        value(momentum),
        value(weightDecay),
        value(clipNorm));
  }

  final LearningRateSchedule learningRateSchedule(int epochs) {
    LearningRateSchedule.Shape shape = constant(schedule, LearningRateSchedule.Shape.class);
    return new LearningRateSchedule(
        shape,
        isSet(warmupEpochs) ? value(warmupEpochs) : LearningRateSchedule.usualWarmup(shape, epochs),
        value(stepEpochs),
        value(stepFactor));
  }
}
