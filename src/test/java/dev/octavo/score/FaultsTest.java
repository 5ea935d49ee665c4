package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.octavo.OctavoException;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever dies, each input ends up with exactly one row. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class FaultsTest {
  private static final String CLUSTER = "local-cluster[2,1,1024]";
  private static final int FILES = 120;
  private static final int COMMIT_FILES = 40;

  @TempDir private Path directory;
  private Path images;

  @BeforeEach
  void fillAFolder() throws IOException {
    images = directory.resolve("images");
    Images.fill(images, 0, FILES);
    Files.writeString(images.resolve("notes.txt"), "no image");
  }

  @AfterEach
  void stopCluster() {
    LocalCluster.stop(); // executors were killed: other tests get fresh ones
  }

  private Scoring scoring(SparkSession spark) throws IOException {
    return new Scoring(spark, directory).commitFiles(COMMIT_FILES);
  }

  private static ScoreResult unchecked(Scoring scoring) {
    try {
      return scoring.run();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void awaitRound(int number) throws IOException, InterruptedException {
    TestProcess.awaitPath(directory, ".scores.scoring", "predictions", "round=" + number);
  }

  /** Runs as a program of its own, so that the driver can be killed. */
  public static final class Driver {
    private Driver() {}

    /** Scores the folder {@code images} in the directory that is the only argument. */
    public static void main(String[] arguments) throws IOException {
      new Scoring(LocalCluster.session(), Path.of(arguments[0])).commitFiles(COMMIT_FILES).run();
    }
  }

  @Test
  void anExecutorThatIsKilledNeitherLosesNorDoublesARow() throws Exception {
    Scoring scoring = scoring(LocalCluster.session());
    CompletableFuture<ScoreResult> running =
        CompletableFuture.supplyAsync(() -> unchecked(scoring));
    awaitRound(0); // the next one begins
    ProcessHandle.current().children().findFirst().orElseThrow().destroyForcibly();
    assertThat(running.get().added()).isEqualTo(FILES + 1);
    scoring.assertScoredOnce(Images.below(images));
  }

  @Test
  void aTaskThatIsKilledIsDoneAgain() throws Exception {
    SparkSession spark = LocalCluster.session();
    AtomicInteger killed = new AtomicInteger();
    spark.sparkContext().addSparkListener(new KillFirstAttempts(spark.sparkContext(), killed));
    Scoring scoring = scoring(spark);
    scoring.run();
    assertThat(killed).hasPositiveValue();
    scoring.assertScoredOnce(Images.below(images));
  }

  /** Kills the first attempt of each task in the job that scores. */
  private static final class KillFirstAttempts extends SparkListener {
    private final SparkContext context;
    private final AtomicInteger killed;
    private int scoringStage = -1;

    KillFirstAttempts(SparkContext context, AtomicInteger killed) {
      this.context = context;
      this.killed = killed;
    }

    @Override
    public void onJobStart(SparkListenerJobStart job) {
      String description = job.properties().getProperty("spark.job.description", "");
      if (description.startsWith("scoring ")) {
        scoringStage = (Integer) job.stageIds().last();
      }
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart task) {
      if (task.stageId() == scoringStage && task.taskInfo().attemptNumber() == 0) {
        context.killTaskAttempt(task.taskInfo().taskId(), true, "a test");
        killed.incrementAndGet();
      }
    }
  }

  @Test
  void speculationDoublesNoRow() throws Exception {
    SparkSession spark =
        LocalCluster.start(
            CLUSTER,
            Map.of(
                "spark.speculation", "true",
                "spark.speculation.interval", "50ms",
                "spark.speculation.quantile", "0.01",
                "spark.speculation.multiplier", "1.01",
                "spark.speculation.minTaskRuntime", "1ms"));
    Scoring scoring = scoring(spark);
    scoring.run();
    scoring.assertScoredOnce(Images.below(images));
  }

  @Test
  void aDriverThatIsKilledGoesOnWhereItsLastRoundWasCommitted() throws Exception {
    Process driver =
        TestProcess.start(Driver.class, directory.resolve("driver.log"), directory.toString());
    awaitRound(1);
    driver.destroyForcibly().waitFor();
    assertThat(directory.resolve("scores")).doesNotExist();
    Scoring scoring = scoring(LocalCluster.session());
    ScoreResult result = scoring.run();
    assertThat(result.added()).isBetween(1L, FILES + 1L - 2 * COMMIT_FILES);
    assertThat(result.metrics().inputs()).isEqualTo(FILES + 1);
    scoring.assertScoredOnce(Images.below(images));
  }

  @Test
  void aFullDiskLosesNothingThatWasCommitted() throws Exception {
    Path mounted = Files.createDirectory(directory.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", mounted.toString()) == 0,
        "a small file system can't be mounted here (it takes root)");
    try {
      Scoring scoring = scoring(LocalCluster.session()).out("small/scores");
      byte[] ballast = new byte[370_000];
      Path filler = Files.write(mounted.resolve("ballast"), ballast);
      assertThatThrownBy(scoring::run)
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("there is no space left where")
          .hasMessageContaining("free some and run the same command again");
      assertThat(mounted.resolve("scores")).doesNotExist();
      Files.delete(filler);
      scoring.run();
      scoring.assertScoredOnce(Images.below(images));
    } finally {
      assertThat(run("umount", "-l", mounted.toString())).isZero();
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
