package dev.octavo.train;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.augment.Augmentation;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.Precision;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.collective.CommDtype;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorCheck;
import dev.octavo.train.LossSettings.ClassWeights;
import dev.octavo.train.optim.LearningRateSchedule;
import dev.octavo.train.optim.OptimizerSettings;
import dev.octavo.train.optim.OptimizerSettings.Algorithm;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;

/**
 * Small training runs with random sizes, batches, workers and settings, from sensible to absurd.
 * Each must end, and either publish a model whose tensors are finite or refuse in one line. As in
 * {@code .ci/measure dev.octavo.train.RandomRuns 1 200}; arguments: the first seed, which replays
 * its run, and the number of runs.
 */
public final class RandomRuns {
  private static final Network NETWORK = ResNet.RESNET18.network(3);

  private final SparkSession spark;
  private final Path directory;
  private final Random random;

  private RandomRuns(SparkSession spark, Path directory, long seed) {
    this.spark = spark;
    this.directory = directory;
    this.random = new Random(seed);
  }

  /** Trains, and prints a line for each run. */
  public static void main(String[] args) throws IOException {
    long first = Long.parseLong(args[0]);
    int runs = Integer.parseInt(args[1]);
    Map<String, Integer> outcomes = new TreeMap<>();
    for (long seed = first; seed < first + runs; seed++) {
      Path directory = Files.createTempDirectory("octavo-random-run-");
      long start = System.nanoTime();
      String outcome = new RandomRuns(LocalCluster.session(), directory, seed).run(seed);
      System.out.printf("  %s (%d ms)%n", outcome, (System.nanoTime() - start) / 1_000_000);
      outcomes.merge(outcome.substring(0, outcome.indexOf(':')), 1, Integer::sum);
      org.apache.hadoop.fs.FileUtil.fullyDelete(new File(directory.toString()));
    }
    System.out.printf("%d runs from seed %d: %s%n", runs, first, outcomes);
    LocalCluster.stop();
    System.exit(outcomes.containsKey("FAULT") ? 1 : 0);
  }

  private String run(long seed) throws IOException {
    int train = 1 + random.nextInt(random.nextBoolean() ? 4 : 13);
    int val = random.nextInt(4);
    var data = GeneratedData.write(spark, directory.resolve("data"), train, val);
    try {
      TrainSettings settings = settings(data);
      System.out.printf(
          "seed %d: %d + %d images, %d workers, %s, weights %s, %s%n",
          seed,
          train,
          val,
          settings.workers().getAsInt(),
          settings.precision().get(),
          settings.weights().map(Object::toString).orElse("none"),
          settings.recipe().settings());
      TrainResult result = new Train(spark, settings, line -> {}).execute();
      StateDict trained = Training.weights(result);
      for (Map.Entry<String, Tensor> e : trained.tensors().entrySet()) {
        Optional<String> fault =
            TensorCheck.fault(e.getKey(), e.getValue(), TensorCheck.InfiniteVariance.FAULT);
        if (fault.isPresent()) {
          return "FAULT: published, but " + fault.get();
        }
      }
      boolean finiteLoss = val == 0 || Double.isFinite(result.best().val().loss());
      return (finiteLoss ? "published: loss " : "FAULT: loss ") + result.best().train().loss();
    } catch (OctavoException e) {
      boolean oneLine = e.getMessage().lines().count() == 1;
      return (oneLine ? "refused: " : "FAULT: ") + e.getMessage();
    } catch (RuntimeException | Error e) {
      e.printStackTrace(System.out);
      return "FAULT: " + e;
    }
  }

  private TrainSettings settings(org.apache.hadoop.fs.Path data) throws IOException {
    Optional<org.apache.hadoop.fs.Path> weights =
        random.nextInt(4) == 0 ? Optional.of(oddWeights()) : Optional.empty();
    return TrainSettingsBuilder.builder()
        .data(data)
        .out(new org.apache.hadoop.fs.Path(directory.resolve("model").toUri()))
        .ifExists(Destination.IfExists.FAIL)
        .network(ResNet.RESNET18)
        .weights(weights)
        .quantizationAware(Optional.empty())
        .teacher(Optional.empty())
        .importPolicy(WeightImport.Policy.REQUIRE_HALF)
        .recipe(recipe())
        .calibrateConfidence(random.nextInt(4) == 0)
        .checkData(false)
        .precision(Optional.of(random.nextInt(5) == 0 ? Precision.BF16 : Precision.FP32))
        .run(
            new RunSettings(
                Optional.empty(),
                RunSettings.Start.NEW,
                new CheckpointSettings(random.nextInt(3), 0, 1 + random.nextInt(2)),
                Optional.empty(),
                Optional.empty(),
                "octavo"))
        .workers(OptionalInt.of(1 + random.nextInt(2)))
        .minWorkers(OptionalInt.empty())
        .threads(OptionalInt.empty())
        .build();
  }

  private Recipe recipe() {
    int epochs = 1 + random.nextInt(2);
    boolean probe = random.nextInt(8) == 0;
    boolean absurd = random.nextInt(4) == 0;
    double rate = Math.pow(10, absurd ? random.nextInt(80) - 40 : -4 + 3 * random.nextDouble());
    int size = pick(32, 32, 33, 48, 65);
    return RecipeBuilder.builder()
        .epochs(epochs)
        .batchSize(1 + random.nextInt(4))
        .globalBatchSize(random.nextInt(4) == 0 ? 6 : 0)
        .accumulate(1 + random.nextInt(3))
        .preprocessing(Preprocessing.ofSize(size))
        .trainSizes(probe ? TrainSizes.of(size) : TrainSizes.of(pick(size, 32, 64)))
        .optimizer(
            new OptimizerSettings(
                pick(Algorithm.values()),
                rate,
                pick(1.0, 0.1),
                pick(0.0, 0.9),
                pick(0.0, 1e-4, 10.0),
                pick(0.0, 0.0, 1.0, 1e-30)))
        .layerDecay(1)
        .samRho(pick(0.0, 0.0, 0.05, 1e30))
        .schedule(LearningRateSchedule.cosine(pick(0.0, 0.5)))
        .loss(
            new LossSettings(
                pick(0.0, 0.1, 0.9),
                pick(ClassWeights.values()),
                probe ? 0 : pick(0.0, 0.2, 1.0),
                probe ? 0 : pick(0.0, 1.0)))
        .augmentation(Augmentation.DEFAULT)
        .dropoutFactor(1)
        .repeats(probe ? 1 : pick(1, 1, 2, 3))
        .batchNorm(
            pick(
                BatchNorm.LOCAL, BatchNorm.LOCAL, BatchNorm.SYNC, BatchNorm.SYNC, BatchNorm.FROZEN))
        .commDtype(pick(CommDtype.values()))
        .frozen(pick(List.of(), List.of(), List.of("stem"), List.of("stem", "layer1", "layer4")))
        .scope(probe ? Recipe.Scope.CLASSIFIER : Recipe.Scope.NETWORK)
        .residualGamma(pick(1.0, 0.0))
        .ema(pick(0.0, 0.5, 0.999))
        .patience(pick(0, 1))
        .seed(random.nextLong())
        .build();
  }

  /** Weights of which one tensor is scaled, from nothing to what overflows. */
  private org.apache.hadoop.fs.Path oddWeights() throws IOException {
    StateDict state = WeightImport.fresh(NETWORK, random.nextLong());
    Map<String, Tensor> tensors = new LinkedHashMap<>(state.tensors());
    String name =
        pick("conv1.weight", "bn1.running_var", "layer4.1.bn2.weight", "fc.weight", "bn1.bias");
    float[] values = state.tensor(name).toFloats();
    float factor = pick(0f, 1e-30f, 1e10f, 1e30f, 3e38f, -1f, Float.POSITIVE_INFINITY, Float.NaN);
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    tensors.put(name, Tensor.of(values, state.tensor(name).shape()));
    Path file = directory.resolve("%s-times-%s.safetensors".formatted(name, factor));
    WeightFiles.writeSafetensors(new StateDict(tensors), file);
    return new org.apache.hadoop.fs.Path(file.toUri());
  }

  @SafeVarargs
  private final <T> T pick(T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
