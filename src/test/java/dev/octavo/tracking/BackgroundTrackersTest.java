package dev.octavo.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mlflow.tracking.MlflowClient;

class BackgroundTrackersTest {
  private static final EpochFigures FIRST = new EpochFigures(1, 10, Map.of());
  private static final EpochFigures SECOND = new EpochFigures(2, 20, Map.of());

  private final List<String> warnings = new CopyOnWriteArrayList<>();

  /** Writes down what it is told. */
  private static class Diary implements RunTracker {
    final List<String> entries = new CopyOnWriteArrayList<>();

    @Override
    public void start(Map<String, ?> settings) {
      entries.add("start");
    }

    @Override
    public void epoch(EpochFigures figures) {
      entries.add("epoch " + figures.epoch());
    }

    @Override
    public void end(RunStatus status) {
      entries.add(status.toString());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tellsEachTrackerEverythingInOrder() {
    Diary one = new Diary();
    Diary two = new Diary();
    try (RunTracker all = RunTracker.all(List.of(one, two), warnings::add)) {
      all.start(Map.of());
      all.epoch(FIRST);
      all.epoch(SECOND);
      all.end(RunStatus.FINISHED);
      all.end(RunStatus.KILLED);
      all.epoch(SECOND);
    }
    assertThat(one.entries).containsExactly("start", "epoch 1", "epoch 2", "finished");
    assertThat(two.entries).isEqualTo(one.entries);
    assertThat(warnings).isEmpty();
  }

  @Test
  void noTrackersAreATrackerToo() {
    try (RunTracker none = RunTracker.all(List.of(), warnings::add)) {
      none.start(Map.of());
      none.epoch(FIRST);
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void neitherTrainingNorAnotherTrackerWaitsForOneThatIsSlow() {
    CountDownLatch trainingGoesOn = new CountDownLatch(1);
    CountDownLatch otherIsDone = new CountDownLatch(2);
    Diary slow =
        new Diary() {
          @Override
          public void epoch(EpochFigures figures) {
            await(trainingGoesOn);
            await(otherIsDone);
            super.epoch(figures);
          }
        };
    Diary fast =
        new Diary() {
          @Override
          public void epoch(EpochFigures figures) {
            otherIsDone.countDown();
          }
        };
    try (RunTracker all = RunTracker.all(List.of(slow, fast), warnings::add)) {
      all.start(Map.of());
      all.epoch(FIRST);
      all.epoch(SECOND);
      await(otherIsDone);
      assertThat(slow.entries).containsExactly("start");
      trainingGoesOn.countDown();
      all.end(RunStatus.FINISHED);
    }
    assertThat(slow.entries).containsExactly("start", "epoch 1", "epoch 2", "finished");
    assertThat(warnings).isEmpty();
  }

  @Test
  void oneThatCannotStartStopsAllAndTheOthersHaveFailed() {
    Diary one = new Diary();
    Diary broken =
        new Diary() {
          @Override
          public void start(Map<String, ?> settings) {
            throw new OctavoException("no such server");
          }
        };
    try (RunTracker all = RunTracker.all(List.of(one, broken), warnings::add)) {
      assertThatThrownBy(() -> all.start(Map.of())).hasMessage("no such server");
    }
    assertThat(one.entries).containsExactly("start", "failed");
    assertThat(broken.entries).isEmpty();
  }

  @Test
  void aTrackerThatThrowsIsHeardOfAndStillToldTheEnd() {
    Diary broken =
        new Diary() {
          @Override
          public void epoch(EpochFigures figures) {
            throw new IllegalStateException("a bug");
          }
        };
    try (RunTracker all = RunTracker.all(List.of(broken), warnings::add)) {
      all.start(Map.of());
      all.epoch(FIRST);
      all.end(RunStatus.FINISHED);
    }
    assertThat(broken.entries).containsExactly("start", "finished");
    assertThat(warnings)
        .containsExactly("warning: tracking failed: java.lang.IllegalStateException: a bug");
  }

  /** What {@link #aJvmThatIsToldToEndSaysThatTheRunWasKilled} starts and ends. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] args) throws InterruptedException {
      MlflowServer server = MlflowServer.of(args[0], Map.of());
      MlflowTracker tracker = MlflowTracker.newRun(server, "octavo", "victim", System.err::println);
      RunTracker all = RunTracker.all(List.of(tracker), System.err::println);
      all.start(Map.of());
      all.epoch(FIRST);
      System.out.println(tracker.runId());
      new CountDownLatch(1).await();
    }
  }

  @Test
  void aJvmThatIsToldToEndSaysThatTheRunWasKilled(@TempDir Path directory)
      throws IOException, InterruptedException {
    try (MlflowRecorder recorder = new MlflowRecorder("")) {
      Process victim =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Victim.class.getName(),
                  recorder.uri())
              .redirectError(directory.resolve("stderr").toFile())
              .start();
      try (BufferedReader out = victim.inputReader(StandardCharsets.UTF_8)) {
        String runId = out.readLine();
        assertThat(runId).as("see %s", directory.resolve("stderr")).isEqualTo("run1");
        victim.destroy(); // SIGTERM
        assertThat(victim.waitFor(30, TimeUnit.SECONDS)).isTrue();
        try (MlflowClient client = new MlflowClient(recorder.uri())) {
          assertThat(client.getRun(runId).getInfo().getStatus().name()).isEqualTo("KILLED");
          assertThat(client.getMetricHistory(runId, "epoch")).hasSize(1);
        }
      } finally {
        victim.destroyForcibly();
      }
    }
  }
}
