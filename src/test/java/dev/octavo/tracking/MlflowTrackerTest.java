package dev.octavo.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import dev.octavo.OctavoException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.tracking.MlflowClient;

/** Runs are logged to {@link MlflowRecorder} and read back with MLflow's own client. */
class MlflowTrackerTest {
  private final List<String> warnings = new ArrayList<>();
  private final MlflowRecorder recorder;

  MlflowTrackerTest() throws IOException {
    recorder = new MlflowRecorder("");
  }

  @AfterEach
  void close() {
    recorder.close();
  }

  private static MlflowServer server(String uri) {
    return MlflowServer.of(uri, Map.of());
  }

  private MlflowTracker tracker() {
    return MlflowTracker.newRun(server(recorder.uri()), "octavo", "rooms", warnings::add);
  }

  private static EpochFigures epoch(int epoch, Map<String, Double> values) {
    return new EpochFigures(epoch, 100L * epoch, values);
  }

  private Run read(String runId) {
    try (MlflowClient client = new MlflowClient(recorder.uri())) {
      return client.getRun(runId);
    }
  }

  private List<Metric> history(String runId, String metric) {
    try (MlflowClient client = new MlflowClient(recorder.uri())) {
      return client.getMetricHistory(runId, metric);
    }
  }

  private static Map<String, String> params(Run run) {
    return run.getData().getParamsList().stream()
        .collect(Collectors.toMap(Param::getKey, Param::getValue));
  }

  @Test
  void logsSettingsFiguresAndHowItEnded() {
    MlflowTracker tracker = tracker();
    try (tracker) {
      tracker.start(Map.of("seed", 7, "learningRate", 0.05));
      tracker.epoch(epoch(1, Map.of("train/loss", 2.5, "val/top1", Double.NaN)));
      tracker.epoch(epoch(2, Map.of("train/loss", 1.25, "val/top1", 0.5)));
      assertThat(read(tracker.runId()).getInfo().getStatus().name()).isEqualTo("RUNNING");
      tracker.end(RunStatus.FINISHED);
    }
    Run run = read(tracker.runId());
    assertThat(run.getInfo().getRunName()).isEqualTo("rooms");
    assertThat(run.getInfo().getStatus().name()).isEqualTo("FINISHED");
    assertThat(run.getInfo().getEndTime()).isGreaterThanOrEqualTo(run.getInfo().getStartTime());
    assertThat(params(run)).containsOnly(entry("seed", "7"), entry("learningRate", "0.05"));
    assertThat(run.getData().getTagsList())
        .extracting(RunTag::getKey, RunTag::getValue)
        .contains(tuple("mlflow.runName", "rooms"), tuple("mlflow.source.name", "octavo train"));
    assertThat(history(tracker.runId(), "train/loss"))
        .extracting(Metric::getStep, Metric::getValue)
        .containsExactly(tuple(100L, 2.5), tuple(200L, 1.25));
    assertThat(history(tracker.runId(), "val/top1"))
        .extracting(Metric::getStep, Metric::getValue)
        .containsExactly(tuple(200L, 0.5));
    assertThat(history(tracker.runId(), "epoch"))
        .extracting(Metric::getValue)
        .containsExactly(1.0, 2.0);
    assertThat(warnings).isEmpty();
  }

  @Test
  void makesAnExperimentOnlyWhereThereIsNone() {
    for (int i = 0; i < 2; i++) {
      try (MlflowTracker tracker = tracker()) {
        tracker.start(Map.of());
      }
    }
    assertThat(recorder.calls())
        .filteredOn(call -> !call.equals("runs/update"))
        .containsExactly(
            "experiments/get-by-name",
            "experiments/create",
            "runs/create",
            "experiments/get-by-name",
            "runs/create");
  }

  @Test
  void keepsToTheServersLimits() {
    Map<String, String> settings =
        IntStream.range(0, 250)
            .boxed()
            .collect(Collectors.toMap("setting%d"::formatted, i -> "x".repeat(i * 3)));
    Map<String, Double> figures =
        IntStream.range(0, 2500)
            .boxed()
            .collect(Collectors.toMap("figure%d"::formatted, Integer::doubleValue));
    MlflowTracker tracker = tracker();
    try (tracker) {
      tracker.start(settings);
      tracker.epoch(epoch(1, figures));
    }
    assertThat(params(read(tracker.runId())))
        .hasSize(250)
        .containsEntry("setting166", "x".repeat(498))
        .containsEntry("setting249", "x".repeat(499) + "…");
    assertThat(history(tracker.runId(), "figure2499"))
        .extracting(Metric::getValue)
        .containsExactly(2499.0);
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"FINISHED", "FAILED", "KILLED"})
  void onlyTheFirstEndCounts(RunStatus status) {
    MlflowTracker tracker = tracker();
    tracker.start(Map.of());
    tracker.end(status);
    tracker.end(RunStatus.FAILED);
    tracker.close();
    assertThat(read(tracker.runId()).getInfo().getStatus().name()).isEqualTo(status.name());
  }

  @Test
  void aRunThatIsClosedWithoutAnEndHasFailed() {
    MlflowTracker tracker = tracker();
    tracker.start(Map.of());
    tracker.close();
    assertThat(read(tracker.runId()).getInfo().getStatus().name()).isEqualTo("FAILED");
  }

  @Test
  void aResumedRunGoesOnUnderItsId() {
    MlflowTracker first = tracker();
    first.start(Map.of("seed", 7));
    first.epoch(epoch(1, Map.of("train/loss", 2.0)));
    first.close();
    MlflowTracker second =
        MlflowTracker.resume(server(recorder.uri()), first.runId(), warnings::add);
    second.start(Map.of("seed", 7));
    assertThat(read(first.runId()).getInfo().getStatus().name()).isEqualTo("RUNNING");
    second.epoch(epoch(2, Map.of("train/loss", 1.0)));
    second.end(RunStatus.FINISHED);
    assertThat(second.runId()).isEqualTo(first.runId());
    assertThat(history(first.runId(), "train/loss"))
        .extracting(Metric::getStep)
        .containsExactly(100L, 200L);
    assertThat(read(first.runId()).getInfo().getStatus().name()).isEqualTo("FINISHED");
    assertThat(recorder.calls()).filteredOn("runs/create"::equals).hasSize(1);
  }

  @Test
  void refusesToResumeARunThatTheServerDoesNotHave() {
    try (MlflowTracker tracker =
        MlflowTracker.resume(server(recorder.uri()), "gone", warnings::add)) {
      assertThatThrownBy(() -> tracker.start(Map.of()))
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining(recorder.uri())
          .hasMessageEndingWith("give the server that the run began at, or leave --mlflow out");
    }
  }

  @Test
  void refusesToStartWhereNoServerListens() {
    String uri = recorder.uri();
    recorder.close();
    try (MlflowTracker tracker =
        MlflowTracker.newRun(server(uri), "octavo", "rooms", warnings::add)) {
      assertThatThrownBy(() -> tracker.start(Map.of()))
          .isInstanceOf(OctavoException.class)
          .hasMessageStartingWith("can't log this run to the MLflow server " + uri)
          .hasMessageEndingWith(
              "check the address and that the server runs, or leave --mlflow out");
    }
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          200 | <html>Welcome</html> | it answers, but not as MLflow does
          200 | <html>Welcome</html> | check that it is the address of an MLflow tracking server
          200 | {"hello": "world"}   | it answers, but not as MLflow does
          302 | ''                   | check that it is the address of an MLflow tracking server
          404 | Not Found            | check that it is the address of an MLflow tracking server
          401 | Unauthorized         | set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD
          403 | Forbidden            | set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD
          """)
  void refusesToStartWhereTheAnswerIsNotWhatItAskedFor(int status, String body, String remedy) {
    recorder.outage(status, body);
    try (MlflowTracker tracker = tracker()) {
      assertThatThrownBy(() -> tracker.start(Map.of()))
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining(recorder.uri())
          .hasMessageContaining(remedy);
    }
  }

  @Test
  void aServerThatHangsCostsTheTimeOutAndNoMore() throws IOException {
    // Accepts connections (the system does that) and never answers.
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String uri = "http://127.0.0.1:" + silent.getLocalPort();
      try (MlflowTracker tracker =
          MlflowTracker.newRun(
              server(uri), "octavo", "rooms", warnings::add, Duration.ofMillis(200))) {
        long begin = System.nanoTime();
        assertThatThrownBy(() -> tracker.start(Map.of()))
            .isInstanceOf(OctavoException.class)
            .hasMessageContaining("timed out");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
      }
    }
  }

  @Test
  void keepsFiguresWhileTheServerIsAwayAndWarnsOnce() {
    MlflowTracker tracker = tracker();
    tracker.start(Map.of());
    tracker.epoch(epoch(1, Map.of("train/loss", 3.0)));
    recorder.outage(503, "down for maintenance");
    tracker.epoch(epoch(2, Map.of("train/loss", 2.0)));
    tracker.epoch(epoch(3, Map.of("train/loss", 1.0)));
    recorder.recover();
    tracker.epoch(epoch(4, Map.of("train/loss", 0.5)));
    tracker.end(RunStatus.FINISHED);
    assertThat(history(tracker.runId(), "train/loss"))
        .extracting(Metric::getStep, Metric::getValue)
        .containsExactly(tuple(100L, 3.0), tuple(200L, 2.0), tuple(300L, 1.0), tuple(400L, 0.5));
    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith("warning: the MLflow server " + recorder.uri())
        .contains("HTTP 503", "training goes on");
  }

  @Test
  void saysWhatWasNotLoggedWhenTheServerStaysAway() {
    MlflowTracker tracker = tracker();
    tracker.start(Map.of());
    recorder.close();
    tracker.epoch(epoch(1, Map.of("train/loss", 2.0)));
    tracker.epoch(epoch(2, Map.of("train/loss", 1.0)));
    tracker.end(RunStatus.FINISHED);
    assertThat(warnings).hasSize(2);
    assertThat(warnings.get(0)).contains("training goes on");
    assertThat(warnings.get(1))
        .contains("was not told that run " + tracker.runId() + " is finished")
        .contains("4 figures were not logged");
  }

  @Test
  void sendsCredentialsAndKeepsThePathOfTheAddress() throws IOException {
    try (MlflowRecorder behindProxy = new MlflowRecorder("/tools/mlflow")) {
      MlflowServer server =
          MlflowServer.of(behindProxy.uri() + "/", Map.of("MLFLOW_TRACKING_TOKEN", "secret"));
      try (MlflowTracker tracker =
          MlflowTracker.newRun(server, "a name & more", "rooms", warnings::add)) {
        tracker.start(Map.of());
      }
      assertThat(behindProxy.calls())
          .containsExactly(
              "experiments/get-by-name", "experiments/create", "runs/create", "runs/update");
      assertThat(behindProxy.authorizations()).hasSize(4).containsOnly("Bearer secret");
    }
  }
}
