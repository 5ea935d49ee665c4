package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.octavo.OctavoException;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetImages;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.metrics.Temperature;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.Precision;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.collective.CommDtype;
import dev.octavo.tensor.StateDict;
import dev.octavo.train.optim.OptimizerSettings.Algorithm;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainTest {
  private static final Network NETWORK = Training.ARCHITECTURE.network(3);
  private static final FlatLayout LAYOUT = FlatLayout.of(NETWORK);
  private static final StateDict START = WeightImport.fresh(NETWORK, Recipes.SEED);

  @TempDir private Path directory;
  private SparkSession spark;

  @BeforeEach
  void startCluster() {
    spark = LocalCluster.session();
  }

  /**
   * One step per epoch, over all seven images, five times: once by one worker, once by two that
   * have four and three. Gradients differ by the order in which float32 terms are added, some 1e-7
   * relative in each; momentum and five steps amplify that, and so does Adam, which divides each
   * gradient by its own size. With statistics over all images a rounding can also switch a ReLU,
   * which moves a gradient by parts in a thousand; smaller steps keep that from growing. A lost or
   * doubly counted image moves the gradient by a seventh.
   */
  @ParameterizedTest
  @CsvSource({
    "NESTEROV, FROZEN, 0.002, 1e-4",
    "ADAMW, FROZEN, 0.0002, 1e-2",
    "NESTEROV, SYNC, 0.00002, 2e-2",
    "ADAMW, SYNC, 0.000002, 2e-2"
  })
  void twoWorkersWithHalfTheBatchEachEqualOneWithTheWholeBatch(
      Algorithm algorithm, BatchNorm batchNorm, double learningRate, double tolerance)
      throws IOException {
    Training training = Training.on(directory, 7, 3);
    TrainResult one =
        training.workers(1).train("one", fiveSteps(7, algorithm, batchNorm, learningRate).build());
    TrainResult two =
        training.workers(2).train("two", fiveSteps(4, algorithm, batchNorm, learningRate).build());

    assertThat(distance(two, one)).isLessThan(tolerance);
    for (int i = 0; i < 5; i++) {
      assertThat(two.history().get(i).train().loss())
          .isCloseTo(one.history().get(i).train().loss(), withinPercentage(0.1));
    }
    float[] statistics = LAYOUT.flattenBuffers(Training.weights(two));
    if (batchNorm == BatchNorm.FROZEN) {
      assertThat(statistics).isEqualTo(LAYOUT.flattenBuffers(START));
    } else {
      float[] expected = LAYOUT.flattenBuffers(Training.weights(one));
      for (int i = 0; i < expected.length; i++) {
        assertThat(statistics[i])
            .isCloseTo(expected[i], within(1e-3f * (1 + Math.abs(expected[i]))));
      }
    }
  }

  /** Four steps of two and two images are two of four, but for the order of sums. */
  @Test
  void accumulatedBatchesEqualALargerBatch() throws IOException {
    Training training = Training.on(directory, 8, 3).workers(1);
    TrainResult large = training.train("large", Recipes.of(3, 4).build());
    TrainResult accumulated = training.train("accumulated", Recipes.of(3, 2).accumulate(2).build());
    assertThat(distance(accumulated, large)).isLessThan(1e-4);
    assertThat(accumulated.last().step()).isEqualTo(6);
  }

  @Test
  void bfloat16FollowsTheCurveOfFloat32() throws IOException {
    Training training = Training.on(directory, 24, 6);
    RecipeBuilder recipe = Recipes.of(4, 4).optimizer(Recipes.learningRate(0.002));
    TrainResult fp32 = training.train("fp32", recipe.build());
    TrainResult wire = training.train("wire", recipe.commDtype(CommDtype.BF16).build());
    TrainResult bf16 = training.precision(Precision.BF16).train("bf16", recipe.build());
    for (int i = 0; i < 4; i++) {
      double expected = fp32.history().get(i).train().loss();
      assertThat(wire.history().get(i).train().loss())
          .isCloseTo(expected, withinPercentage(1))
          .isNotEqualTo(expected);
      assertThat(bf16.history().get(i).train().loss())
          .isCloseTo(expected, withinPercentage(2))
          .isNotEqualTo(expected);
    }
  }

  @Test
  void clipsTheGradientOfTheWholeNetwork() throws IOException {
    Training training = Training.on(directory, 7, 3);
    RecipeBuilder plain = fiveSteps(4, Algorithm.SGD, BatchNorm.FROZEN, 0.002);
    TrainResult free = training.train("free", plain.build());
    TrainResult loose =
        training.train(
            "loose", plain.optimizer(Recipes.optimizer(Algorithm.SGD, 0.002, 1e6)).build());
    TrainResult tight =
        training.train(
            "tight", plain.optimizer(Recipes.optimizer(Algorithm.SGD, 0.002, 1e-3)).build());
    assertThat(parameters(loose)).isEqualTo(parameters(free));
    // Five steps with momentum 0.9 of at most 1e-3 each, at a falling rate, and a little decay.
    double moved = norm(parameters(tight), LAYOUT.flattenParameters(START));
    assertThat(moved).isBetween(1e-7, 0.002 * 1e-3 * 5 * 4.1 + 1e-4 * 0.002 * 5 * 4.1 * 100);
  }

  @Test
  void learnsWhatCanBeSeenAndPublishesABundle() throws IOException {
    Training training = Training.on(directory, 48, 12).network(ResNet.RESNET18);
    TrainResult result =
        training
            .calibrateConfidence()
            .train(
                "model",
                Recipes.of(10, 8)
                    .optimizer(Recipes.learningRate(0.02))
                    .batchNorm(BatchNorm.LOCAL)
                    .build());

    assertThat(result.workers()).isEqualTo(2);
    assertThat(result.last().train().loss())
        .isLessThan(0.75 * result.history().get(0).train().loss());
    assertThat(result.best().val().top1()).isGreaterThan(0.8);
    assertThat(result.best().val().meanPerClass())
        .isCloseTo(result.best().val().top1(), within(1e-9)); // four of each class
    assertThat(result.best().val().top5()).isEqualTo(1); // of three classes
    ModelBundle bundle =
        ModelBundle.open(spark.sparkContext().hadoopConfiguration(), result.model());
    assertThat(bundle.classes()).containsExactly("blue", "green", "red");
    assertThat(bundle.imageSize()).isEqualTo(32);
    assertThat(bundle.manifest().figures()).containsEntry("epoch", result.best().epoch());
    assertThat(bundle.temperature().value())
        .isCloseTo(temperatureOf(bundle), withinPercentage(0.1))
        .isNotEqualTo(1);
    assertThat(
            bundle
                .stateDict(spark.sparkContext().hadoopConfiguration())
                .tensor("bn1.num_batches_tracked")
                .bytes()
                .getLong(0))
        .isEqualTo(result.best().epoch() * 3L);
    assertThat(Files.readString(directory.resolve("model").resolve(ModelBundle.HISTORY_FILE)))
        .startsWith("epoch,step,train_loss,train_top1,train_top5,train_mean_per_class,val_loss,")
        .hasLineCount(11);
    assertThat(training.console()).filteredOn(line -> line.startsWith("epoch ")).hasSize(10);
    assertThat(training.console()).contains("resnet18 starts from scratch");
    assertThat(training.runDirectory("model")).doesNotExist();
  }

  /** The temperature that the portable program's logits of val ask for. */
  private double temperatureOf(ModelBundle bundle) throws IOException {
    List<float[]> logits = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    try (InferenceProgram program =
            new ProgramLoader(bundle, spark.sparkContext().hadoopConfiguration(), CpuPolicy.ADAPT)
                .load(Precision.PORTABLE);
        DatasetImages val =
            new DatasetImages(
                DatasetArtifact.open(
                    spark, new org.apache.hadoop.fs.Path(directory.resolve("data").toUri())),
                DatasetSchema.VAL,
                bundle.preprocessing(),
                1)) {
      val.forEach(
          image -> {
            logits.add(program.forward(image.images()).toFloats());
            labels.add(image.labels()[0]);
          });
    }
    return Temperature.fitToLogits(
            logits.toArray(float[][]::new), labels.stream().mapToInt(i -> i).toArray())
        .value();
  }

  @Test
  void withoutValNoConfidenceCanBeCalibrated() throws IOException {
    Training training = Training.on(directory, 6, 0).calibrateConfidence();
    assertThatThrownBy(() -> training.train("model", Recipes.of(1, 6).build()))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith("--calibrate-confidence fits a temperature to val, of which ");
  }

  @Test
  void publishesTheBestEpochWithTheLastInItAndStopsWithoutProgress() throws IOException {
    Training training = Training.on(directory, 24, 12);
    TrainResult result =
        training.train(
            "model",
            Recipes.of(12, 4)
                .optimizer(Recipes.learningRate(1e-300)) // nothing improves on the first epoch
                .patience(3)
                .build());
    assertThat(result.history()).hasSize(4);
    assertThat(result.best().epoch()).isEqualTo(1);
    var conf = spark.sparkContext().hadoopConfiguration();
    ModelBundle last =
        ModelBundle.open(conf, new org.apache.hadoop.fs.Path(result.model(), "last"));
    assertThat(last.manifest().figures()).containsEntry("epoch", 4);
    assertThat(Training.weights(last.directory())).isEqualTo(Training.weights(result));
  }

  @Test
  void evaluatesAndPublishesTheMovingAverage() throws IOException {
    Training training = Training.on(directory, 8, 3);
    RecipeBuilder recipe = Recipes.of(1, 4).optimizer(Recipes.learningRate(0.01));
    TrainResult plain = training.train("plain", recipe.build()); // one step
    TrainResult averaged = training.train("averaged", recipe.ema(0.99).build());
    float[] start = LAYOUT.flattenParameters(START);
    float[] end = parameters(plain);
    float[] average = parameters(averaged);
    // The first update's decay is 2/11, so the average is 9/11 of the way.
    for (int i = 0; i < start.length; i += 97) {
      assertThat(average[i] - start[i]).isCloseTo((end[i] - start[i]) * 9 / 11, within(1e-6f));
    }
    assertThat(averaged.last().train()).isEqualTo(plain.last().train());
    assertThat(averaged.last().val()).isNotEqualTo(plain.last().val());
  }

  @Test
  void repeatsACurveWithTheSameSeedAlsoWhereAWorkerRunsOutOfImagesEarly() throws IOException {
    Training training = Training.on(directory, 5, 1);
    Recipe recipe = Recipes.of(2, 2).batchNorm(BatchNorm.LOCAL).loss(Recipes.mixup(0.2)).build();
    List<Epoch> first = training.train("first", recipe).history();
    List<Epoch> second = training.train("second", recipe).history();
    assertThat(curve(second)).isEqualTo(curve(first));
    assertThat(curve(first).get(1)).isNotEqualTo(curve(first).get(0));
  }

  @Test
  void continuesFromABundle() throws IOException {
    Training training = Training.on(directory, 6, 3).workers(1).network(ResNet.RESNET18);
    TrainResult first = training.train("first", Recipes.of(1, 6).build());
    TrainResult second =
        training
            .startFrom(first.model())
            .train(
                "second",
                Recipes.of(1, 6)
                    .optimizer(Recipes.learningRate(1e-300))
                    .build()); // changes no float32
    assertThat(Training.weights(second).tensor("conv1.weight"))
        .isEqualTo(Training.weights(first).tensor("conv1.weight"));
    assertThat(second.last().val()).isEqualTo(first.last().val());
    assertThat(training.console()).anyMatch(line -> line.contains("tensors taken from the file"));
  }

  @Test
  void refusesTheWeightsOfAnotherNetworkAndNamesIt() throws IOException {
    Path weights = directory.resolve("resnet50.safetensors");
    try (OutputStream out = Files.newOutputStream(weights)) {
      WeightFiles.writeSafetensors(WeightImport.fresh(ResNet.RESNET50.network(3), 1), out);
    }
    Training training =
        Training.on(directory, 3, 0)
            .workers(1)
            .network(ResNet.RESNET18)
            .startFrom(new org.apache.hadoop.fs.Path(weights.toUri()));
    assertThatThrownBy(() -> training.train("model", Recipes.of(1, 3).build()))
        .isInstanceOf(OctavoException.class)
        .hasMessageMatching(
            "the weights do not fit resnet18: .* \\(and \\d+ more tensors differ\\); they are those"
                + " of --network resnet50");
    assertThat(directory.resolve("model")).doesNotExist();
  }

  @Test
  void stopsAllWorkersBeforeTheUpdateWhenTheLossIsNotFinite() throws IOException {
    Training training = Training.on(directory, 8, 3);
    Recipe recipe =
        Recipes.of(3, 2).optimizer(Recipes.learningRate(1e30)).batchNorm(BatchNorm.LOCAL).build();
    assertThatThrownBy(() -> training.train("model", recipe))
        .isInstanceOf(OctavoException.class)
        .hasMessageMatching(
            "the (loss|gradient|sum of the workers' gradients) is not finite in epoch 1, step 2, on"
                + " worker \\d \\(executor \\d+ on .*\\): nothing was updated; a lower"
                + " --learning-rate .*");
    assertThat(directory.resolve("model")).doesNotExist();
    assertThat(training.runDirectory("model")).doesNotExist(); // nothing was saved yet
  }

  @Test
  void saysAtOnceWhatToSetWhenThereAreTooFewSlots() throws IOException {
    Training training = Training.on(directory, 3, 0).workers(3);
    assertThatThrownBy(() -> training.train("model", Recipes.of(1, 2).build()))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "3 workers need 3 executors with 1 free cores each (spark.task.cpus), but there are 2:"
                + " lower --workers, or give Spark more executors (spark.executor.instances,"
                + " --num-executors, or the cluster's size)");
  }

  private static RecipeBuilder fiveSteps(
      int batchSize, Algorithm algorithm, BatchNorm batchNorm, double learningRate) {
    return Recipes.of(5, batchSize)
        .optimizer(Recipes.optimizer(algorithm, learningRate, 0))
        .batchNorm(batchNorm);
  }

  private static float[] parameters(TrainResult result) throws IOException {
    return LAYOUT.flattenParameters(Training.weights(result));
  }

  static List<List<EvalMetrics>> curve(List<Epoch> history) {
    return history.stream().map(e -> List.of(e.train(), e.val())).toList();
  }

  /** How far two results are from each other, relative to how far training went. */
  private static double distance(TrainResult actual, TrainResult expected) throws IOException {
    float[] end = parameters(expected);
    return norm(parameters(actual), end) / norm(end, LAYOUT.flattenParameters(START));
  }

  private static double norm(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.pow((double) a[i] - b[i], 2);
    }
    return Math.sqrt(sum);
  }
}
