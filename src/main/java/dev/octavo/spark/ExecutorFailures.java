package dev.octavo.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * Notes in a file that executors failed, for {@code jobs/*}, which then say where their logs are.
 * Executors that end with the application have not failed.
 */
final class ExecutorFailures extends SparkListener {
  private static final String FILE = "octavo.executor-failures";

  private final Path file;
  private boolean ended;

  ExecutorFailures(Path file) {
    this.file = file;
  }

  /** For the file that a system property names; empty where nobody asks. */
  static Optional<ExecutorFailures> wanted() {
    return Optional.ofNullable(System.getProperty(FILE)).map(Path::of).map(ExecutorFailures::new);
  }

  @Override
  public synchronized void onApplicationEnd(SparkListenerApplicationEnd event) {
    ended = true;
  }

  @Override
  public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
    if (ended) {
      return;
    }
    try {
      Files.writeString(
          file,
          "%s: %s%n".formatted(event.executorId(), event.reason()),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
