package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.TestProcess;
import dev.octavo.spark.TestProcess.Watch;
import dev.octavo.train.RunSettings.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import scala.collection.immutable.Map$;

/** Training that is killed at any moment ends with the weights that it would have had. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RecoveryTest {
  private static final int STEPS_PER_EPOCH = 6;
  private static final int MIDDLE_OF_EPOCH_2 = 9;

  /** How the name of the checkpoint there begins. */
  private static final String CHECKPOINT = "checkpoint-%010d-".formatted(MIDDLE_OF_EPOCH_2);

  private static final Pattern CHECKPOINT_NAME = Pattern.compile("checkpoint-(\\d{10})-.*");

  private static final String PATIENCE = "spark.scheduler.maxRegisteredResourcesWaitingTime";

  @TempDir private Path directory;

  @AfterEach
  void stopCluster() {
    LocalCluster.stop(); // executors were killed: other tests get fresh ones
  }

  /** Everything that has a state: momentum, moving average, local batch norm, augmentation. */
  private static Recipe recipe() {
    return Recipes.of(3, 2)
        .batchNorm(BatchNorm.LOCAL)
        .samRho(0.05)
        .ema(0.9)
        .loss(Recipes.mixup(0.2))
        .build();
  }

  /** Runs as a program of its own, so that the driver can be killed. */
  public static final class Driver {
    private Driver() {}

    /** Trains on the dataset {@code data} in the directory that is the only argument. */
    public static void main(String[] arguments) throws IOException {
      training(LocalCluster.session(), Path.of(arguments[0])).train("model", recipe());
    }
  }

  /** The same with frozen batch norm. */
  public static final class FrozenDriver {
    private FrozenDriver() {}

    /** Trains on the dataset {@code data} in the directory that is the only argument. */
    public static void main(String[] arguments) throws IOException {
      training(LocalCluster.session(), Path.of(arguments[0])).train("model", frozen());
    }
  }

  private static Training training(SparkSession spark, Path directory) {
    return new Training(
            spark, new org.apache.hadoop.fs.Path(directory.resolve("data").toUri()), directory)
        .checkpointSteps(MIDDLE_OF_EPOCH_2);
  }

  @Test
  void anExecutorThatIsKilledInTheMiddleOfAnEpochChangesNothing() throws Exception {
    Training training = generated();
    TrainResult undisturbed = training.train("undisturbed", recipe());

    try (Watch watch = new Watch(Files.createDirectory(training.runDirectory("model")))) {
      CompletableFuture<TrainResult> running =
          CompletableFuture.supplyAsync(() -> unchecked(() -> training.train("model", recipe())));
      watch.awaitCreated(CHECKPOINT);
      ProcessHandle.current().children().findFirst().orElseThrow().destroyForcibly();
      assertSameResult(running.get(), undisturbed);
    }
    assertThat(training.console())
        .anyMatch(
            line ->
                line.matches("training was interrupted \\(.*\\); it goes on from epoch 2, step 3"));
    assertThat(training.console())
        .filteredOn(line -> line.startsWith("epoch 2 of 3"))
        .hasSize(2); // each run's
  }

  @Test
  void aDriverThatIsKilledIsResumedToTheSameResult() throws Exception {
    Training training = generated();
    TrainResult undisturbed = training.train("undisturbed", recipe());

    try (Watch watch = new Watch(Files.createDirectory(training.runDirectory("model")))) {
      Process driver =
          TestProcess.start(Driver.class, directory.resolve("driver.log"), directory.toString());
      watch.awaitCreated(CHECKPOINT);
      driver.destroyForcibly().waitFor();
    }
    assertThat(directory.resolve("model")).doesNotExist();
    List<Path> saved = checkpoints(training);
    Path newest = saved.get(saved.size() - 1);
    assertThatThrownBy(() -> training.train("model", recipe()))
        .isInstanceOf(OctavoException.class)
        .hasMessageMatching(
            ".*run-of-model/? holds a training that was stopped \\(at %s\\): --resume continues it, --restart discards it"
                .formatted(position(newest)));
    assertThatThrownBy(() -> training.start(Start.RESUME).train("model", Recipes.of(4, 2).build()))
        .hasMessageContaining("batchNorm was local and is frozen; ")
        .hasMessageContaining("; epochs was 3 and is 4; ");
    StateTest.Damage.CUT.inflict(newest.resolve("worker-00001.bin"));
    TrainResult resumed = training.start(Start.RESUME).train("model", recipe());
    assertSameResult(resumed, undisturbed);
    assertThat(training.console())
        .anyMatch(line -> line.endsWith("is set aside, and the one before is taken"))
        .anyMatch(
            line ->
                line.matches(
                    "continuing .*run-of-model/? from " + position(saved.get(saved.size() - 2))));
  }

  /** The order of samples stays, so nothing changes but the order of sums. */
  @Test
  void aTrainingIsResumedByAnotherNumberOfWorkers() throws Exception {
    Training training = generated();
    TrainResult undisturbed = training.train("undisturbed", frozen());
    try (Watch watch = new Watch(Files.createDirectory(training.runDirectory("model")))) {
      Process driver =
          TestProcess.start(
              FrozenDriver.class, directory.resolve("driver.log"), directory.toString());
      watch.awaitCreated(CHECKPOINT);
      driver.destroyForcibly().waitFor();
    }
    List<Path> saved = checkpoints(training);
    TrainResult resumed = training.workers(1).start(Start.RESUME).train("model", frozen());
    assertThat(training.console())
        .contains("workers: 1, where 2 began; updates are of 4 images as before")
        .anyMatch(
            line ->
                line.matches(
                    "continuing .*run-of-model/? from " + position(saved.get(saved.size() - 1))));
    assertSameCurve(resumed, undisturbed);
  }

  @Test
  void aJobThatLosesAnExecutorForGoodGoesOnWithTheOthers() throws Exception {
    SparkSession spark = LocalCluster.start("local-cluster[3,1,1024]", Map.of());
    GeneratedData.write(spark, directory.resolve("data"), 6 * STEPS_PER_EPOCH, 6);
    Training training = training(spark, directory).workers(3);
    TrainResult undisturbed = training.train("undisturbed", frozen());

    try (Watch watch = new Watch(Files.createDirectory(training.runDirectory("model")))) {
      CompletableFuture<TrainResult> running =
          CompletableFuture.supplyAsync(
              () -> unchecked(() -> training.minWorkers(2).train("model", frozen())));
      watch.awaitCreated(CHECKPOINT);
      spark.sparkContext().requestTotalExecutors(2, 0, Map$.MODULE$.empty()); // none comes back
      spark.sparkContext().conf().set(PATIENCE, "3s");
      ProcessHandle.current().children().findFirst().orElseThrow().destroyForcibly();
      assertSameCurve(running.get(), undisturbed);
    }
    assertThat(training.console()).contains("2 executors are left: as many workers go on");
    assertThatThrownBy(() -> training.workers(3).minWorkers(3).train("refused", frozen()))
        .hasMessageStartingWith("3 workers need 3 executors");
  }

  /** The same at every worker: momentum, moving average, augmentation, pairs that are mixed. */
  private static Recipe frozen() {
    return Recipes.of(3, 2).ema(0.9).loss(Recipes.mixup(0.2)).build();
  }

  /** As {@link WorkersTest} measures it. */
  private static void assertSameCurve(TrainResult actual, TrainResult expected) {
    for (int i = 0; i < 3; i++) {
      WorkersTest.assertSameCurve(actual.history().get(i), expected.history().get(i));
    }
  }

  /** The checkpoints of a driver that was killed, oldest first: on a slow machine, later ones. */
  private static List<Path> checkpoints(Training training) throws IOException {
    try (Stream<Path> files = Files.list(training.runDirectory("model"))) {
      return files
          .filter(f -> CHECKPOINT_NAME.matcher(f.getFileName() + "").matches())
          .sorted()
          .toList();
    }
  }

  private static String position(Path checkpoint) {
    Matcher name = CHECKPOINT_NAME.matcher(checkpoint.getFileName().toString());
    assertThat(name.matches()).isTrue();
    int updates = Integer.parseInt(name.group(1));
    return "epoch %d, step %d".formatted(1 + updates / STEPS_PER_EPOCH, updates % STEPS_PER_EPOCH);
  }

  private Training generated() throws IOException {
    SparkSession spark = LocalCluster.session();
    GeneratedData.write(spark, directory.resolve("data"), 4 * STEPS_PER_EPOCH, 6);
    return training(spark, directory);
  }

  private static TrainResult unchecked(Callable<TrainResult> training) {
    try {
      return training.call();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void assertSameResult(TrainResult actual, TrainResult expected)
      throws IOException {
    assertThat(Training.weights(actual)).isEqualTo(Training.weights(expected));
    for (int i = 0; i < 3; i++) {
      assertThat(actual.history().get(i).train()).isEqualTo(expected.history().get(i).train());
      assertThat(actual.history().get(i).val()).isEqualTo(expected.history().get(i).val());
    }
  }
}
