package dev.octavo.spark;

import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageCompleted;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import scala.collection.JavaConverters;

/**
 * Prints a line about the running stage now and then, as in {@code decoding 1,500 photos: 12 of 40
 * tasks, about 2 min left}. For output that is no terminal; on one, Spark's own bar does it.
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
    private int done;

    private Stage(String description, int tasks, long start) {
      this.description = description;
      this.tasks = tasks;
      this.start = start;
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
        JavaConverters.seqAsJavaList(event.stageInfo().rddInfos()).stream()
            .anyMatch(rdd -> rdd.isBarrier());
    if (barrier) {
      return;
    }
    String description =
        Optional.ofNullable(event.properties())
            .map(properties -> properties.getProperty(DESCRIPTION))
            .orElse(event.stageInfo().name());
    long now = nanoTime.getAsLong();
    if (running.isEmpty()) {
      lastLine = now;
    }
    running.put(
        event.stageInfo().stageId(), new Stage(description, event.stageInfo().numTasks(), now));
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    Stage stage = running.get(event.stageId());
    if (stage == null || !event.taskInfo().successful()) {
      return;
    }
    stage.done++;
    long now = nanoTime.getAsLong();
    if (now - lastLine >= INTERVAL.toNanos()) {
      lastLine = now;
      console.println(line(stage.description, stage.done, stage.tasks, now - stage.start));
    }
  }

  @Override
  public synchronized void onStageCompleted(SparkListenerStageCompleted event) {
    running.remove(event.stageInfo().stageId());
  }

  /** What is left is guessed from the tasks that are done. */
  static String line(String description, int done, int tasks, long nanos) {
    long left = Duration.ofNanos((long) ((double) nanos / done * (tasks - done))).toSeconds();
    return "%s: %,d of %,d tasks%s"
        .formatted(
            description,
            done,
            tasks,
            done >= tasks
                ? ""
                : left < 90
                    ? ", about %d s left".formatted(left)
                    : ", about %d min left".formatted((left + 30) / 60));
  }
}
