package dev.octavo.train;

import dev.octavo.tracking.EpochFigures;
import dev.octavo.tracking.MlflowServer;
import dev.octavo.tracking.MlflowTracker;
import dev.octavo.tracking.RunStatus;
import dev.octavo.tracking.RunTracker;
import dev.octavo.tracking.TensorBoardWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The trackers of a run besides the console and {@code history.csv}. */
final class Trackers implements AutoCloseable {
  private static final String MLFLOW_RUN = "mlflow-run";

  private final RunDirectory run;
  private final Optional<MlflowTracker> mlflow;
  private final RunTracker all;

  /** The trackers that the settings ask for. */
  Trackers(Configuration conf, TrainSettings settings, RunDirectory run, Consumer<String> console)
      throws IOException {
    this.run = run;
    String known = run.note(MLFLOW_RUN);
    this.mlflow =
        settings
            .run()
            .mlflow()
            .map(uri -> MlflowServer.of(uri, System.getenv()))
            .map(
                server ->
                    known.isEmpty()
                        ? MlflowTracker.newRun(
                            server, settings.run().experiment(), settings.out().getName(), console)
                        : MlflowTracker.resume(server, known, console));
    List<RunTracker> trackers = new ArrayList<>();
    settings
        .run()
        .tensorboard()
        .map(directory -> new Path(directory, settings.out().getName())) // one for each run
        .ifPresent(directory -> trackers.add(new TensorBoardWriter(conf, directory, console)));
    mlflow.ifPresent(trackers::add);
    this.all = RunTracker.all(trackers, console);
  }

  /** The run begins, or goes on. */
  void start(Map<String, ?> settings) throws IOException {
    all.start(settings);
    if (mlflow.isPresent()) {
      run.writeNote(MLFLOW_RUN, mlflow.get().runId());
    }
  }

  void epoch(Epoch epoch) {
    all.epoch(new EpochFigures(epoch.epoch(), epoch.step(), epoch.scalars()));
  }

  void finish() {
    all.end(RunStatus.FINISHED);
  }

  /** Ends a run that has not been finished as failed. */
  @Override
  public void close() {
    all.close();
  }
}
