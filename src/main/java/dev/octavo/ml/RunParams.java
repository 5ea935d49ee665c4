package dev.octavo.ml;

import dev.octavo.artifact.Paths;
import dev.octavo.program.Precision;
import dev.octavo.tracking.MlflowServer;
import dev.octavo.train.CheckpointSettings;
import dev.octavo.train.RunSettings;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Parameters that say what a training runs on, and what it leaves behind while it runs.
 *
 * @param <S> the estimator
 */
public abstract class RunParams<S extends RunParams<S>> extends FitParams<S> {
  private static final long serialVersionUID = 1L;

  private final Param<String> precision;
  private final Param<String> commDtype;
  private final IntParam workers;
  private final IntParam minWorkers;
  private final IntParam threads;
  private final DoubleParam checkpointMinutes;
  private final IntParam checkpointSteps;
  private final IntParam keepCheckpoints;
  private final Param<String> tensorboard;
  private final Param<String> mlflow;
  private final Param<String> mlflowExperiment;

  RunParams(String uid, String defaultOutputCol) {
    super(uid, defaultOutputCol);
    precision =
        new Param<>(
            uid,
            "precision",
            "precision of convolutions: fp32, bf16, or auto for the fastest of the CPUs");
    commDtype = new Param<>(uid, "commDtype", "type of gradients between workers: fp32 or bf16");
    workers = new IntParam(uid, "workers", "executors that train; all unless set");
    minWorkers =
        new IntParam(
            uid,
            "minWorkers",
            "fewest workers that go on when executors are lost for good; as many as before unless set");
    threads =
        new IntParam(
            uid,
            "threads",
            "threads of libtorch in each worker; the cores of an executor unless set");
    checkpointMinutes =
        new DoubleParam(uid, "checkpointMinutes", "minutes between two checkpoints; 0 is off");
    checkpointSteps =
        new IntParam(uid, "checkpointSteps", "steps between two checkpoints; 0 is off");
    keepCheckpoints =
        new IntParam(uid, "keepCheckpoints", "number of last checkpoints that are kept");
    tensorboard = new Param<>(uid, "tensorboard", "directory for event files of TensorBoard");
    mlflow =
        new Param<>(
            uid, "mlflow", "address of an MLflow tracking server that settings and figures go to");
    mlflowExperiment =
        new Param<>(uid, "mlflowExperiment", "experiment of the run on the MLflow server");
    setDefault(precision, "auto");
    setDefault(commDtype, "fp32");
    setDefault(checkpointMinutes, 10.0);
    setDefault(checkpointSteps, 0);
    setDefault(keepCheckpoints, 2);
    setDefault(mlflowExperiment, "octavo");
  }

  /** Precision of convolutions: fp32, bf16, or auto for the fastest of the CPUs. */
  public Param<String> precision() {
    return precision;
  }

  /** Sets {@link #precision} (auto). */
  public S setPrecision(String value) {
    return with(precision, value);
  }

  /** Type of gradients between workers: fp32 or bf16. */
  public Param<String> commDtype() {
    return commDtype;
  }

  /** Sets {@link #commDtype} (fp32). */
  public S setCommDtype(String value) {
    return with(commDtype, value);
  }

  /** Executors that train; all unless set. */
  public IntParam workers() {
    return workers;
  }

  /** Sets {@link #workers}. */
  public S setWorkers(int value) {
    return with(workers, value);
  }

  /** Fewest workers that go on when executors are lost for good; as many as before unless set. */
  public IntParam minWorkers() {
    return minWorkers;
  }

  /** Sets {@link #minWorkers}. */
  public S setMinWorkers(int value) {
    return with(minWorkers, value);
  }

  /** Threads of libtorch in each worker; the cores of an executor unless set. */
  public IntParam threads() {
    return threads;
  }

  /** Sets {@link #threads}. */
  public S setThreads(int value) {
    return with(threads, value);
  }

  /** Minutes between two checkpoints; 0 is off. */
  public DoubleParam checkpointMinutes() {
    return checkpointMinutes;
  }

  /** Sets {@link #checkpointMinutes} (10). */
  public S setCheckpointMinutes(double value) {
    return with(checkpointMinutes, value);
  }

  /** Steps between two checkpoints; 0 is off. */
  public IntParam checkpointSteps() {
    return checkpointSteps;
  }

  /** Sets {@link #checkpointSteps} (0). */
  public S setCheckpointSteps(int value) {
    return with(checkpointSteps, value);
  }

  /** Number of last checkpoints that are kept. */
  public IntParam keepCheckpoints() {
    return keepCheckpoints;
  }

  /** Sets {@link #keepCheckpoints} (2). */
  public S setKeepCheckpoints(int value) {
    return with(keepCheckpoints, value);
  }

  /** Directory for event files of TensorBoard. */
  public Param<String> tensorboard() {
    return tensorboard;
  }

  /** Sets {@link #tensorboard}. */
  public S setTensorboard(String value) {
    return with(tensorboard, value);
  }

  /** Address of an MLflow tracking server that settings and figures go to. */
  public Param<String> mlflow() {
    return mlflow;
  }

  /** Sets {@link #mlflow}. */
  public S setMlflow(String value) {
    return with(mlflow, value);
  }

  /** Experiment of the run on the MLflow server. */
  public Param<String> mlflowExperiment() {
    return mlflowExperiment;
  }

  /** Sets {@link #mlflowExperiment} (octavo). */
  public S setMlflowExperiment(String value) {
    return with(mlflowExperiment, value);
  }

  /** The precisions that can be named. */
  private enum TrainPrecision {
    AUTO,
    FP32,
    BF16
  }

  final OptionalInt optionalInt(IntParam param) {
    return isSet(param) ? OptionalInt.of(value(param)) : OptionalInt.empty();
  }

  /** Empty for what the CPUs are made for. */
  final Optional<Precision> wantedPrecision() {
    TrainPrecision wanted = constant(precision, TrainPrecision.class);
    return wanted == TrainPrecision.AUTO
        ? Optional.empty()
        : Optional.of(Precision.valueOf(wanted.name()));
  }

  final RunSettings runSettings(Path directory) {
    return new RunSettings(
        Optional.of(directory),
        RunSettings.Start.NEW,
        new CheckpointSettings(
            value(checkpointSteps), value(checkpointMinutes), value(keepCheckpoints)),
        optional(tensorboard).map(Paths::of),
        optional(mlflow).map(address -> MlflowServer.of(address, System.getenv()).toString()),
        value(mlflowExperiment));
  }
}
