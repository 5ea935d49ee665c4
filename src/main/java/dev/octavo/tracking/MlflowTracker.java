package dev.octavo.tracking;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Logs a run to an MLflow tracking server: settings as parameters, the figures of each epoch as
 * metrics by step, and how it ended.
 *
 * <p>A server that can't be reached when the run starts is an error. One that goes away later is a
 * warning: the figures are kept and sent, with their own times, when it is back.
 *
 * <p>A run that is resumed goes on under the id that {@link #runId} gave. Epochs after the
 * checkpoint are logged again at the same steps; MLflow keeps both values.
 */
public final class MlflowTracker implements RunTracker {
  /** The experiment that runs belong to unless the user names another. */
  public static final String DEFAULT_EXPERIMENT = "octavo";

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Characters of a parameter's value: what MLflow 1.x servers accept (current ones 6000). */
  private static final int MAX_VALUE = 500;

  private final MlflowServer server;
  private final MlflowApi api;
  private final Opening opening;
  private final Consumer<String> console;

  /** The source of a run's id. */
  private interface Opening {
    String open(MlflowApi api) throws IOException;
  }

  private Optional<String> runId = Optional.empty();
  private final List<MlflowApi.Metric> unsent = new ArrayList<>();
  private boolean away;
  private boolean ended;

  private MlflowTracker(
      MlflowServer server, Opening opening, Consumer<String> console, Duration timeout) {
    this.server = server;
    this.api = new MlflowApi(server, timeout);
    this.opening = opening;
    this.console = console;
  }

  /**
   * A new run; it and, where there is none of that name, its experiment are made when it starts.
   *
   * @param run its name; several may have the same
   * @param console takes warnings
   */
  public static MlflowTracker newRun(
      MlflowServer server, String experiment, String run, Consumer<String> console) {
    return newRun(server, experiment, run, console, TIMEOUT);
  }

  static MlflowTracker newRun(
      MlflowServer server,
      String experiment,
      String run,
      Consumer<String> console,
      Duration timeout) {
    Opening opening =
        api -> api.createRun(experiment(api, experiment), run, Instant.now(), tags(run));
    return new MlflowTracker(server, opening, console, timeout);
  }

  /**
   * A run that was logged before and goes on.
   *
   * @param runId as {@link #runId} gave it
   * @param console takes warnings
   */
  public static MlflowTracker resume(MlflowServer server, String runId, Consumer<String> console) {
    Objects.requireNonNull(runId, "runId");
    Opening opening =
        api -> {
          api.restart(runId);
          return runId;
        };
    return new MlflowTracker(server, opening, console, TIMEOUT);
  }

  /**
   * The run's id at the server, to resume it by.
   *
   * @throws IllegalStateException before {@link #start}
   */
  public synchronized String runId() {
    return runId.orElseThrow(() -> new IllegalStateException("the run has not started"));
  }

  @Override
  public synchronized void start(Map<String, ?> settings) {
    try {
      String id = opening.open(api);
      List<MlflowApi.Entry> parameters =
          new TreeMap<>(settings)
              .entrySet().stream()
                  .map(e -> new MlflowApi.Entry(e.getKey(), shortened(e.getValue())))
                  .toList();
      for (List<MlflowApi.Entry> batch : batches(parameters, MlflowApi.MAX_PARAMETERS)) {
        api.parameters(id, batch);
      }
      runId = Optional.of(id);
    } catch (IOException e) {
      throw new OctavoException(
          "can't log this run to the MLflow server %s (%s): %s"
              .formatted(server, reason(e), remedy(e)),
          e);
    }
  }

  @Override
  public synchronized void epoch(EpochFigures figures) {
    if (runId.isEmpty() || ended) {
      return;
    }
    long now = System.currentTimeMillis();
    figures.finite().forEach((k, v) -> unsent.add(new MlflowApi.Metric(k, v, now, figures.step())));
    attempt(() -> {});
  }

  @Override
  public synchronized void end(RunStatus status) {
    if (runId.isEmpty() || ended) {
      return;
    }
    ended = true;
    boolean told = attempt(() -> api.end(runId(), status, Instant.now()));
    if (!told) {
      console.accept(
          "warning: the MLflow server %s was not told that run %s is %s; %d figures were not logged there"
              .formatted(server, runId(), status, unsent.size()));
    }
  }

  @Override
  public String toString() {
    return "MLflow at " + server;
  }

  private interface Call {
    void run() throws IOException;
  }

  /** Sends what is unsent, then makes the call; whether all of that worked. */
  private boolean attempt(Call call) {
    try {
      while (!unsent.isEmpty()) {
        List<MlflowApi.Metric> batch =
            unsent.subList(0, Math.min(unsent.size(), MlflowApi.MAX_METRICS));
        api.metrics(runId(), batch);
        batch.clear();
      }
      call.run();
      return true;
    } catch (IOException e) {
      if (!away) {
        away = true;
        console.accept(
            "warning: the MLflow server %s can't be reached or refuses figures (%s): training goes on, they are kept and sent with later ones"
                .formatted(server, reason(e)));
      }
      return false;
    }
  }

  private static String experiment(MlflowApi api, String name) throws IOException {
    Optional<String> id = api.experiment(name);
    if (id.isPresent()) {
      return id.get();
    }
    try {
      return api.createExperiment(name);
    } catch (MlflowException e) {
      if (e.isCode(MlflowApi.ALREADY_EXISTS)) { // made by another run just now
        return api.experiment(name).orElseThrow(() -> e);
      }
      throw e;
    }
  }

  /** Names that MLflow's pages show; servers before 1.30 take the run's name from here alone. */
  private static List<MlflowApi.Entry> tags(String run) {
    return List.of(
        new MlflowApi.Entry("mlflow.runName", run),
        new MlflowApi.Entry("mlflow.user", System.getProperty("user.name", "")),
        new MlflowApi.Entry("mlflow.source.name", "octavo train"),
        new MlflowApi.Entry("mlflow.source.type", "JOB"));
  }

  private static String shortened(Object value) {
    String text = String.valueOf(value);
    return text.length() <= MAX_VALUE ? text : text.substring(0, MAX_VALUE - 1) + "…";
  }

  private static String reason(IOException e) {
    // Some of the JDK's connection failures have no message.
    return e.getMessage() == null ? "no connection" : e.getMessage();
  }

  private static String remedy(IOException e) {
    if (!(e instanceof MlflowException refusal)) {
      return "check the address and that the server runs, or leave --mlflow out";
    }
    if (refusal.isLogin()) {
      return "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN";
    }
    if (refusal.isCode(MlflowApi.DOES_NOT_EXIST)) {
      return "give the server that the run began at, or leave --mlflow out";
    }
    return "check that it is the address of an MLflow tracking server, with its path if it has one";
  }

  private static <T> List<List<T>> batches(List<T> all, int size) {
    List<List<T>> batches = new ArrayList<>();
    for (int from = 0; from < all.size(); from += size) {
      batches.add(all.subList(from, Math.min(all.size(), from + size)));
    }
    return batches;
  }
}
