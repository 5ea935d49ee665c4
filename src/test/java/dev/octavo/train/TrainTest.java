package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.LocalCluster;
import dev.octavo.weights.StateDict;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainTest {
  private static final long SEED = 5;

  @TempDir private Path directory;
  private SparkSession spark;
  private final List<String> console = new ArrayList<>();

  @BeforeEach
  void startCluster() {
    spark = LocalCluster.session();
  }

  /**
   * One step per epoch, over all seven pictures, five times: once by one worker, once by two that
   * have four and three. Gradients differ by the order in which float32 terms are added, some 1e-7
   * relative in each; momentum and five steps amplify that. A lost or doubly counted picture moves
   * the gradient by a seventh.
   */
  @Test
  void twoWorkersWithHalfTheBatchEachEqualOneWithTheWholeBatch() throws IOException {
    var data = GeneratedData.write(spark, directory.resolve("data"), 7, 3);
    TrainResult one = train(data, "one", 1, recipe(5, 7, 0.002, BatchNorm.FROZEN));
    TrainResult two = train(data, "two", 2, recipe(5, 4, 0.002, BatchNorm.FROZEN));

    Network network = ResNet.RESNET18.network(3);
    FlatLayout layout = FlatLayout.of(network);
    float[] start = layout.flattenParameters(WeightImport.fresh(network, SEED));
    float[] expected = layout.flattenParameters(weights(one));
    float[] actual = layout.flattenParameters(weights(two));
    assertThat(distance(actual, expected) / distance(expected, start)).isLessThan(1e-4);
    for (int i = 0; i < 5; i++) {
      assertThat(two.history().get(i).trainLoss())
          .isCloseTo(
              one.history().get(i).trainLoss(),
              org.assertj.core.data.Percentage.withPercentage(0.01));
    }
    assertThat(layout.flattenBuffers(weights(two)))
        .isEqualTo(layout.flattenBuffers(WeightImport.fresh(network, SEED)));
  }

  @Test
  void learnsWhatCanBeSeenAndPublishesABundle() throws IOException {
    var data = GeneratedData.write(spark, directory.resolve("data"), 48, 12);
    TrainResult result = train(data, "model", 2, recipe(10, 8, 0.02, BatchNorm.LOCAL));

    assertThat(result.workers()).isEqualTo(2);
    assertThat(result.last().trainLoss()).isLessThan(0.75 * result.history().get(0).trainLoss());
    assertThat(result.last().valTop1()).isGreaterThan(0.8);
    ModelBundle bundle =
        ModelBundle.open(spark.sparkContext().hadoopConfiguration(), result.model());
    assertThat(bundle.classes()).containsExactly("blue", "green", "red");
    assertThat(bundle.imageSize()).isEqualTo(32);
    assertThat(weights(result).tensor("bn1.num_batches_tracked").bytes().getLong(0))
        .isEqualTo(10 * 3);
    assertThat(Files.readString(directory.resolve("model").resolve(ModelBundle.HISTORY_FILE)))
        .startsWith("epoch,train_loss,train_top1,val_loss,val_top1,images_per_second,")
        .hasLineCount(11);
    try (var files = Files.list(directory.resolve("model"))) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(f -> !f.startsWith(".")))
          .containsExactlyInAnyOrder(
              "model.pt", "synset.txt", "serving.properties", "history.csv", "manifest.json");
    }
    assertThat(console).filteredOn(line -> line.startsWith("epoch ")).hasSize(10);
    assertThat(console).contains("resnet18 starts from scratch");
  }

  @Test
  void repeatsACurveWithTheSameSeedAlsoWhereAWorkerRunsOutOfPicturesEarly() throws IOException {
    var data = GeneratedData.write(spark, directory.resolve("data"), 5, 1);
    Recipe recipe = recipe(2, 2, 0.01, BatchNorm.LOCAL);
    List<Epoch> first = train(data, "first", 2, recipe).history();
    List<Epoch> second = train(data, "second", 2, recipe).history();
    assertThat(curve(second)).isEqualTo(curve(first));
    assertThat(curve(first).get(1)).isNotEqualTo(curve(first).get(0));
  }

  @Test
  void continuesFromABundle() throws IOException {
    var data = GeneratedData.write(spark, directory.resolve("data"), 6, 3);
    TrainResult first = train(data, "first", 1, recipe(1, 6, 0.01, BatchNorm.FROZEN));
    Recipe tiny = recipe(1, 6, 1e-300, BatchNorm.FROZEN); // too small to change a float32
    TrainResult second = train(data, "second", 1, tiny, Optional.of(first.model()));
    assertThat(weights(second).tensor("conv1.weight"))
        .isEqualTo(weights(first).tensor("conv1.weight"));
    assertThat(second.last().valLoss()).isEqualTo(first.last().valLoss());
    assertThat(console).anyMatch(line -> line.contains("tensors taken from the file"));
  }

  @Test
  void stopsAllWorkersBeforeTheUpdateWhenTheLossIsNotFinite() throws IOException {
    var data = GeneratedData.write(spark, directory.resolve("data"), 8, 3);
    assertThatThrownBy(() -> train(data, "model", 2, recipe(3, 2, 1e30, BatchNorm.LOCAL)))
        .isInstanceOf(OctavoException.class)
        .hasMessageMatching(
            "the (loss|gradient|sum of the workers' gradients) is not finite in epoch 1, step 2, on worker \\d \\(executor \\d+ on .*\\): nothing was updated; a lower --learning-rate .*");
    assertThat(directory.resolve("model")).doesNotExist();
  }

  @Test
  void saysAtOnceWhatToSetWhenThereAreTooFewSlots() throws IOException {
    var data = GeneratedData.write(spark, directory.resolve("data"), 3, 0);
    assertThatThrownBy(() -> train(data, "model", 3, recipe(1, 2, 0.01, BatchNorm.LOCAL)))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "3 workers need 3 executors with 1 free cores each (spark.task.cpus), but there are 2: lower --workers, or give Spark more executors (spark.executor.instances, --num-executors, or the cluster's size)");
  }

  private TrainResult train(org.apache.hadoop.fs.Path data, String out, int workers, Recipe recipe)
      throws IOException {
    return train(data, out, workers, recipe, Optional.empty());
  }

  private TrainResult train(
      org.apache.hadoop.fs.Path data,
      String out,
      int workers,
      Recipe recipe,
      Optional<org.apache.hadoop.fs.Path> weights)
      throws IOException {
    TrainSettings settings =
        new TrainSettings(
            data,
            new org.apache.hadoop.fs.Path(directory.resolve(out).toUri()),
            Staging.IfExists.FAIL,
            ResNet.RESNET18,
            weights,
            WeightImport.Policy.REQUIRE_HALF,
            recipe,
            OptionalInt.of(workers),
            OptionalInt.empty());
    return new Train(spark, settings, console::add).execute();
  }

  private static Recipe recipe(
      int epochs, int batchSize, double learningRate, BatchNorm batchNorm) {
    SgdSettings sgd = new SgdSettings(learningRate, 1, 0.9, 1e-4);
    return new Recipe(epochs, batchSize, 32, sgd, 0, 0.1, batchNorm, SEED);
  }

  private StateDict weights(TrainResult result) throws IOException {
    var conf = spark.sparkContext().hadoopConfiguration();
    return ModelBundle.open(conf, result.model()).stateDict(conf);
  }

  private static List<List<Double>> curve(List<Epoch> history) {
    return history.stream()
        .map(e -> List.of(e.trainLoss(), e.trainTop1(), e.valLoss(), e.valTop1()))
        .toList();
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow((double) a[i] - b[i], 2);
    }
    return Math.sqrt(sum);
  }
}
