package dev.octavo.spark;

import dev.octavo.TimeLeft;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.LongSupplier;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.collection.Seq;

/**
 * Prints a line about the running stage now and then, as in {@code decoding 1,500 images: 12 of 40
 * tasks, about 2 min left}, or by an accumulator ({@link JobGroup}): {@code scoring images: 812 of
 * 1,500, 91.3 per second, about 8 s left}. For output that is no terminal; on one, Spark's own bar
 * does it.
 *
 * <p>Barrier stages are left out: all of their tasks run to the end together, and whoever started
 * one tells more.
 */
final class JobProgress extends SparkListener {
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final String DESCRIPTION = "spark.job.description";

  private final PrintStream console;
  private final LongSupplier nanoTime;
  private final Map<Integer, Stage> running = new LinkedHashMap<>();
  private long lastLine;

  /** The progress of one stage. */
  private static final class Stage {
    private final String description;
    private final int tasks;
    private final long start;
    private final String accumulator;
    private final long total;

    /** The figures of running tasks at their last heartbeat. */
    private final Map<Long, Long> counting = new LinkedHashMap<>();

    private int tasksDone;
    private long counted;

    private Stage(String description, int tasks, long start, String progress) {
      this.description = description;
      this.tasks = tasks;
      this.start = start;
      int end = progress == null ? -1 : progress.lastIndexOf('=');
      this.accumulator = end < 0 ? null : progress.substring(0, end);
      this.total = end < 0 ? 0 : Long.parseLong(progress.substring(end + 1));
    }

    private String line(long now) {
      if (accumulator == null) {
        return JobProgress.line(description, tasksDone, tasks, now - start);
      }
      long done = counted + counting.values().stream().mapToLong(Long::longValue).sum();
      return JobProgress.rateLine(description, done, total, now - start);
    }

    /** The task's own count in a list of accumulators, 0 if it isn't there. */
    private long count(Seq<AccumulableInfo> accumulables) {
      for (AccumulableInfo info : ScalaCollections.asJava(accumulables)) {
        if (info.name().isDefined()
            && info.name().get().equals(accumulator)
            && info.update().isDefined()
            && info.update().get() instanceof Number number) {
          return number.longValue();
        }
      }
      return 0;
    }
  }

  JobProgress(PrintStream console) {
    this(console, System::nanoTime);
  }

  JobProgress(PrintStream console, LongSupplier nanoTime) {
    this.console = console;
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted event) {
    boolean barrier =
        ScalaCollections.asJava(event.stageInfo().rddInfos()).stream()
            .anyMatch(rdd -> rdd.isBarrier());
    if (barrier) {
      return;
    }
    Properties properties = Optional.ofNullable(event.properties()).orElseGet(Properties::new);
    long now = nanoTime.getAsLong();
    if (running.isEmpty()) {
      lastLine = now;
    }
    running.put(
        event.stageInfo().stageId(),
        new Stage(
            properties.getProperty(DESCRIPTION, event.stageInfo().name()),
            event.stageInfo().numTasks(),
            now,
            properties.getProperty(JobGroup.PROGRESS)));
  }

  @Override
  public synchronized void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
    for (var update : ScalaCollections.asJava(event.accumUpdates())) {
      Stage stage = running.get((Integer) update._2());
      if (stage != null && stage.accumulator != null) {
        stage.counting.put((Long) update._1(), stage.count(update._4()));
        print(stage);
      }
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    Stage stage = running.get(event.stageId());
    if (stage == null) {
      return;
    }
    stage.counting.remove(event.taskInfo().taskId());
    if (event.taskInfo().successful()) {
      stage.tasksDone++;
      stage.counted += stage.count(event.taskInfo().accumulables());
      print(stage);
    }
  }

  private void print(Stage stage) {
    long now = nanoTime.getAsLong();
    if (now - lastLine >= INTERVAL.toNanos()) {
      lastLine = now;
      console.println(stage.line(now));
    }
  }

  @Override
  public synchronized void onStageCompleted(SparkListenerStageCompleted event) {
    running.remove(event.stageInfo().stageId());
  }

  /** Estimates the remaining time from the tasks that are done. */
  static String line(String description, int done, int tasks, long nanos) {
    return "%s: %,d of %,d tasks%s"
        .formatted(description, done, tasks, TimeLeft.words(done, tasks - done, nanos));
  }

  /** Estimates the remaining time from the rate so far. */
  static String rateLine(String description, long done, long total, long nanos) {
    return "%s: %,d of %,d, %.1f per second%s"
        .formatted(
            description,
            done,
            total,
            done * 1e9 / nanos,
            TimeLeft.words(done, total - done, nanos));
  }
}
