package dev.octavo.cli;

import dev.octavo.tracking.MlflowServer;
import dev.octavo.train.CheckpointSettings;
import dev.octavo.train.RunSettings;
import dev.octavo.train.RunSettings.Start;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The checkpoint, tracking and checking options of {@code train}; used as a {@code @Mixin}. */
final class RunOptions {
  /** The treatment of an unfinished training: one or the other. */
  private static final class StartOptions {
    @Option(
        names = "--resume",
        description =
            "Continue a training that was stopped, from its last checkpoint, to the same"
                + " result. All else must be unchanged but --workers: with others, the steps stay"
                + " the same. Starts from the beginning if there is none.")
    private boolean resume;

    @Option(names = "--restart", description = "Discard a training that was stopped.")
    private boolean restart;
  }

  @ArgGroup(exclusive = true)
  private StartOptions start;

  @Option(
      names = "--min-workers",
      paramLabel = "N",
      converter = Converters.PositiveInt.class,
      description =
          "Go on with fewer workers, but at least N, from the last checkpoint if no executor takes"
              + " the place of a lost one within"
              + " spark.scheduler.maxRegisteredResourcesWaitingTime, two minutes by default (as many"
              + " as before).")
  private Integer minWorkers;

  @Option(
      names = "--run-dir",
      paramLabel = "DIR",
      description =
          "Directory of checkpoints until the model is published, on any Hadoop file system"
              + " that all executors see (a hidden directory beside --out).")
  private Path directory;

  @Option(
      names = "--checkpoint-minutes",
      paramLabel = "N",
      defaultValue = "10",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Time between two checkpoints; there is one after each epoch in any case. 0 is off"
              + " (${DEFAULT-VALUE}).")
  private double checkpointMinutes;

  @Option(
      names = "--checkpoint-steps",
      paramLabel = "N",
      defaultValue = "0",
      converter = Converters.NonNegativeInt.class,
      description = "Steps between two checkpoints; 0 is off (${DEFAULT-VALUE}).")
  private int checkpointSteps;

  @Option(
      names = "--keep-checkpoints",
      paramLabel = "N",
      defaultValue = "2",
      converter = Converters.PositiveInt.class,
      description = "Number of last checkpoints that are kept (${DEFAULT-VALUE}).")
  private int keepCheckpoints;

  @Option(
      names = "--tensorboard",
      paramLabel = "DIR",
      description = "Write event files for TensorBoard there, on any Hadoop file system.")
  private Path tensorboard;

  @Option(
      names = "--mlflow",
      paramLabel = "URI",
      description = "Log settings and figures to this MLflow tracking server.")
  private String mlflow;

  @Option(
      names = "--mlflow-experiment",
      paramLabel = "NAME",
      defaultValue = "octavo",
      description = "Experiment that the run belongs to on the MLflow server (${DEFAULT-VALUE}).")
  private String experiment;

  @Option(
      names = "--check-data",
      description =
          "Leave a table in the bundle, data-check, that says which labels may be wrong and which"
              + " images of two splits are alike, by the features of --weights.")
  private boolean checkData;

  boolean checkData() {
    return checkData;
  }

  OptionalInt minWorkers() {
    return minWorkers == null ? OptionalInt.empty() : OptionalInt.of(minWorkers);
  }

  RunSettings settings() {
    Start how = Start.NEW;
    if (start != null && start.resume) {
      how = Start.RESUME;
    } else if (start != null && start.restart) {
      how = Start.RESTART;
    }
    return new RunSettings(
        Optional.ofNullable(directory),
        how,
        new CheckpointSettings(checkpointSteps, checkpointMinutes, keepCheckpoints),
        Optional.ofNullable(tensorboard),
        // Refused here, before Spark starts.
        Optional.ofNullable(mlflow)
            .map(address -> MlflowServer.of(address, System.getenv()).toString()),
        experiment);
  }
}
