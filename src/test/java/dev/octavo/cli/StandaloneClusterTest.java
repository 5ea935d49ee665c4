package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a standalone cluster that authenticates and encrypts, while its processes are killed. */
@EnabledOnOs(OS.LINUX) // processes are told apart by /proc
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class StandaloneClusterTest {
  private static final String[] DRIVER_ON_CLUSTER = {
    "--deploy-mode", "cluster", "--conf", "spark.standalone.submit.waitAppCompletion=true"
  };

  @TempDir private static Path directory;
  private static StandaloneCluster cluster;
  private static ClusterJobs jobs;

  @BeforeAll
  static void start() throws IOException {
    cluster = new StandaloneCluster(directory, 2);
    jobs = new ClusterJobs(directory, cluster.options(), Map.of());
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void trainingThatLosesAnExecutorEndsWithTheSameWeights() throws Exception {
    Process job = jobs.startUpToCheckpoint("trained");
    cluster.killExecutor();
    assertThat(jobs.awaitSuccess(job))
        .containsPattern("training was interrupted .* it goes on from epoch 2, step 1");
    jobs.assertSameWeights("trained");
  }

  @Test
  void scoringThatLosesAnExecutorHasTheSameRows() throws Exception {
    Process job = jobs.startUpToFirstRound("after-a-lost-executor", DRIVER_ON_CLUSTER);
    cluster.killExecutor();
    jobs.awaitSuccess(job);
    jobs.assertSameScores("after-a-lost-executor");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "OCTAVO_CLUSTER_TESTS", matches = "1")
  void trainingThatLosesAWorkerEndsWithTheSameWeights() throws Exception {
    Process job = jobs.startUpToCheckpoint("learned");
    cluster.killWorker();
    assertThat(jobs.awaitSuccess(job)).contains("training was interrupted");
    jobs.assertSameWeights("learned");
    cluster.startWorkers(1); // for other tests
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "OCTAVO_CLUSTER_TESTS", matches = "1")
  void scoringThatLosesAWorkerHasTheSameRows() throws Exception {
    Process job = jobs.startUpToFirstRound("after-a-lost-worker");
    cluster.killWorker();
    jobs.awaitSuccess(job);
    jobs.assertSameScores("after-a-lost-worker");
    cluster.startWorkers(1); // for other tests
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "OCTAVO_CLUSTER_TESTS", matches = "1")
  void ingestWritesTheSameRows() throws Exception {
    jobs.awaitSuccess(jobs.start(jobs.ingest("images-in"), DRIVER_ON_CLUSTER));
    jobs.assertSameDataset("images-in");
  }
}
