package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EndOfTasksTest {
  @TempDir private Path directory;

  /** One task fails while the other is in the middle of its work, as when a disk is full. */
  static final class OneFails {
    private static final CountDownLatch BUSY = new CountDownLatch(1);
    private static volatile boolean ended;

    private OneFails() {}

    public static void main(String[] args) {
      var context = new JavaSparkContext(OctavoSession.open("test").sparkContext());
      try {
        context.parallelize(List.of(0, 1), 2).foreach(OneFails::task);
        System.exit(3);
      } catch (Exception e) { // Spark's is checked, but Scala doesn't declare it
        if (!(e instanceof SparkException)) {
          throw e;
        }
        OctavoSession.endTasks();
        System.exit(ended ? 0 : 4);
      }
    }

    private static void task(int part) throws InterruptedException {
      if (part == 0) {
        BUSY.await();
        throw new IllegalStateException("no space left");
      }
      BUSY.countDown();
      while (!TaskContext.get().isInterrupted()) {
        Thread.onSpinWait();
      }
      long sum = 0;
      for (int i = 0; i < 300_000_000; i++) {
        sum += i ^ (sum >>> 3);
      }
      ended = sum != 1;
    }
  }

  @Test
  void aFailedJobsTasksHaveEndedBeforeSparkIsStopped() throws Exception {
    Path log = directory.resolve("log");
    Process process =
        TestProcess.start(
            OneFails.class,
            Map.of("JAVA_TOOL_OPTIONS", "-Dspark.master=local[2] -Dspark.ui.enabled=false"),
            log);
    assertThat(process.waitFor()).as(Files.readString(log)).isZero();
  }
}
