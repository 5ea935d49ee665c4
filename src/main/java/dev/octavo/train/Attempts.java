package dev.octavo.train;

import dev.octavo.spark.BarrierStage;
import java.io.IOException;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.apache.spark.SparkException;
import org.apache.spark.sql.SparkSession;

/**
 * Runs a training stage again when it was lost with an executor. Spark retries single tasks and
 * stages that write a shuffle, but never a barrier stage that returns results, since some may have
 * been used already; ours have not.
 *
 * <p>As many attempts in a row may fail as {@code spark.task.maxFailures} says (4). An attempt that
 * saved a checkpoint before it failed counts as the first.
 *
 * <p>Where no executor takes the place of the lost one in time, fewer workers go on, if the
 * settings allow it.
 */
final class Attempts {
  private final SparkSession spark;
  private final Checkpoints checkpoints;
  private final OptionalInt fewest;
  private final Consumer<String> console;

  /** A stage on a number of workers. */
  @FunctionalInterface
  interface Stage<T> {
    T run(int workers) throws Exception;
  }

  /**
   * Attempts at a stage.
   *
   * @param fewest workers that may go on; empty for as many as began
   */
  Attempts(
      SparkSession spark, Checkpoints checkpoints, OptionalInt fewest, Consumer<String> console) {
    this.spark = spark;
    this.checkpoints = checkpoints;
    this.fewest = fewest;
    this.console = console;
  }

  <T> T run(int wanted, Stage<T> stage) throws IOException {
    int workers = wanted;
    int most = spark.sparkContext().conf().getInt("spark.task.maxFailures", 4);
    long reached = checkpoints.latest().updates();
    int failures = 0;
    while (true) {
      try {
        return stage.run(workers);
      } catch (RuntimeException | IOException e) {
        throw e;
      } catch (Exception e) {
        checkpoints.setAsideDamaged(console);
        TrainState trainState = checkpoints.latest();
        failures = trainState.updates() > reached ? 1 : failures + 1;
        reached = trainState.updates();
        if (!(e instanceof SparkException) || failures >= most) {
          throw new IllegalStateException(e.getMessage(), e);
        }
        console.accept(
            "training was interrupted (%s); it goes on from %s"
                .formatted(reason(e), trainState.words()));
        int left = BarrierStage.awaitReplacement(spark, wanted, fewest.orElse(wanted));
        if (left != workers) {
          console.accept("%d executors are left: as many workers go on".formatted(left));
        }
        workers = left;
      }
    }
  }

  /** The last line of Spark's account, such as {@code ExecutorLostFailure (executor 0 ...)}. */
  private static String reason(Exception e) {
    return e.getMessage()
        .lines()
        .filter(line -> line.contains("Failure") || line.contains("Exception"))
        .findFirst()
        .orElseGet(() -> e.getMessage().lines().findFirst().orElse(""));
  }
}
