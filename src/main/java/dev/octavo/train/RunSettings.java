package dev.octavo.train;

import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The settings of checkpoints and tracking.
 *
 * @param directory where its state is until it is published; empty for a hidden directory beside
 *     the model's
 * @param start what to do with an unfinished run that is there
 * @param checkpoints when the state is saved
 * @param tensorboard directory for event files, or empty
 * @param mlflow address of a tracking server, or empty
 * @param experiment name of MLflow's experiment
 */
public record RunSettings(
    Optional<Path> directory,
    Start start,
    CheckpointSettings checkpoints,
    Optional<Path> tensorboard,
    Optional<String> mlflow,
    String experiment) {
  /** A new run with the usual checkpoints, watched on the console alone. */
  public static final RunSettings DEFAULT =
      new RunSettings(
          Optional.empty(),
          Start.NEW,
          CheckpointSettings.DEFAULT,
          Optional.empty(),
          Optional.empty(),
          "octavo");

  /** The treatment of an unfinished run. */
  public enum Start {
    /** Refuse, so that nothing is lost. */
    NEW,
    /** Continue it. */
    RESUME,
    /** Discard it. */
    RESTART
  }

  /** Checks that nothing is missing. */
  public RunSettings {
    Objects.requireNonNull(directory, "directory");
    Objects.requireNonNull(start, "start");
    Objects.requireNonNull(checkpoints, "checkpoints");
    Objects.requireNonNull(tensorboard, "tensorboard");
    Objects.requireNonNull(mlflow, "mlflow");
    Objects.requireNonNull(experiment, "experiment");
  }
}
