package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;

final class JobProgressTest {
  private static final long TEN_SECONDS = Duration.ofSeconds(10).toNanos();

  @Test
  void tellsHowManyTasksAreDoneAndWhatIsLeft() {
    assertThat(JobProgress.line("scoring rooms", 10, 40, TEN_SECONDS))
        .isEqualTo("scoring rooms: 10 of 40 tasks, about 30 s left");
    assertThat(JobProgress.line("scoring rooms", 1, 40, TEN_SECONDS))
        .isEqualTo("scoring rooms: 1 of 40 tasks, about 7 min left");
    assertThat(JobProgress.line("scoring rooms", 40, 40, TEN_SECONDS))
        .isEqualTo("scoring rooms: 40 of 40 tasks");
  }

  @Test
  void tellsTheRateWhereAnAccumulatorCounts() {
    assertThat(JobProgress.rateLine("scoring rooms", 500, 2_000, TEN_SECONDS))
        .isEqualTo("scoring rooms: 500 of 2,000, 50.0 per second, about 30 s left");
    assertThat(JobProgress.rateLine("scoring rooms", 2_000, 2_000, TEN_SECONDS))
        .isEqualTo("scoring rooms: 2,000 of 2,000, 200.0 per second");
  }

  @Test
  void countsWhatTasksCountedByTheEndOfTheStage() throws Exception {
    SparkSession session = LocalCluster.session();
    LongAccumulator counter = session.sparkContext().longAccumulator("sheep");
    assertThat(
            lines(
                session,
                () ->
                    JobGroup.run(
                        session,
                        "counting sheep",
                        "sheep",
                        60,
                        () ->
                            JavaSparkContext.fromSparkContext(session.sparkContext())
                                .parallelize(List.of(1, 2, 3, 4, 5, 6), 6)
                                .map(
                                    n -> {
                                      counter.add(10);
                                      return n;
                                    })
                                .count()),
                Duration.ofSeconds(11)))
        .last()
        .asString()
        .startsWith("counting sheep: 60 of 60, ");
  }

  @Test
  void printsNoMoreThanALineInTenSeconds() throws Exception {
    // Each look at the clock lets 4 s pass: the start of the stage, then the end of each task.
    assertThat(linesOfSixTasks(Duration.ofSeconds(4)))
        .satisfiesExactly(
            line -> assertThat(line).startsWith("counting to six: 3 of 6 tasks"),
            line -> assertThat(line).startsWith("counting to six: 6 of 6 tasks"));
  }

  @Test
  void printsNothingAboutShortWork() throws Exception {
    assertThat(linesOfSixTasks(Duration.ofSeconds(1))).isEmpty();
  }

  private static List<String> linesOfSixTasks(Duration perLook) throws Exception {
    SparkSession session = LocalCluster.session();
    return lines(
        session,
        () ->
            JobGroup.run(
                session,
                "counting to six",
                () ->
                    JavaSparkContext.fromSparkContext(session.sparkContext())
                        .parallelize(List.of(1, 2, 3, 4, 5, 6), 6)
                        .count()),
        perLook);
  }

  /** What is printed about work, when each look at the clock lets time pass. */
  private static List<String> lines(SparkSession session, Runnable work, Duration perLook)
      throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AtomicLong clock = new AtomicLong();
    JobProgress progress =
        new JobProgress(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            () -> clock.addAndGet(perLook.toNanos()));
    session.sparkContext().addSparkListener(progress);
    try {
      work.run();
      session.sparkContext().listenerBus().waitUntilEmpty();
    } finally {
      session.sparkContext().removeSparkListener(progress);
    }
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
