package dev.octavo.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.util.JsonProtocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExecutorFailuresTest {
  @TempDir private Path directory;

  /** As an event log has it: constructors differ between lines of Spark. */
  private static SparkListenerApplicationEnd end() {
    return (SparkListenerApplicationEnd)
        JsonProtocol.sparkEventFromJson(
            "{\"Event\": \"SparkListenerApplicationEnd\", \"Timestamp\": 2}");
  }

  @Test
  void tellsOfExecutorsThatFailedBeforeTheEnd() throws IOException {
    Path file = directory.resolve("failed");
    ExecutorFailures failures = new ExecutorFailures(file);
    failures.onExecutorRemoved(new SparkListenerExecutorRemoved(1, "0", "exited with code 137"));
    failures.onApplicationEnd(end());
    failures.onExecutorRemoved(new SparkListenerExecutorRemoved(3, "1", "killed"));
    assertThat(Files.readString(file)).isEqualTo("0: exited with code 137\n");
  }

  @Test
  void executorsThatEndWithTheApplicationHaveNotFailed() {
    Path file = directory.resolve("failed");
    ExecutorFailures failures = new ExecutorFailures(file);
    failures.onApplicationEnd(end());
    failures.onExecutorRemoved(new SparkListenerExecutorRemoved(3, "1", "killed"));
    assertThat(file).doesNotExist();
  }
}
