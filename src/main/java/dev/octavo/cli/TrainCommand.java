package dev.octavo.cli;

import dev.octavo.network.ResNet;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.OctavoSession;
import dev.octavo.train.Recipe;
import dev.octavo.train.SgdSettings;
import dev.octavo.train.Train;
import dev.octavo.train.TrainResult;
import dev.octavo.train.TrainSettings;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo train}: a dataset in, a model bundle out. */
@Command(
    name = "train",
    description =
        "Trains a network on a dataset, on all executors together: one worker on each, all in step.")
public final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OverwriteOption overwrite;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "The dataset: trained on its train split, measured on val after each epoch.")
  private Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the model bundle appears.")
  private Path out;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "resnet50",
      description = "resnet18, resnet34, resnet50, resnet101 or resnet152 (${DEFAULT-VALUE}).")
  private String network;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "What to start from: a state dict (.pth, .safetensors), a TorchScript file or a model"
              + " bundle. A classifier for another number of classes is replaced. Without it:"
              + " from scratch.")
  private Path weights;

  @Option(
      names = "--allow-partial",
      description = "Accept --weights that have less than half of the network's parameters.")
  private boolean allowPartial;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      defaultValue = "224",
      converter = Converters.PositiveInt.class,
      description = "Height and width of the crops (${DEFAULT-VALUE}).")
  private int imageSize;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "8",
      converter = Converters.PositiveInt.class,
      description = "Passes over the train split (${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "32",
      converter = Converters.PositiveInt.class,
      description = "Photographs per step and worker (${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      defaultValue = "0.005",
      converter = Converters.PositiveDouble.class,
      description =
          "At its highest, for the classifier; it warms up, then falls along a cosine"
              + " (${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--backbone-lr-factor",
      paramLabel = "F",
      defaultValue = "1",
      converter = Converters.NonNegativeDouble.class,
      description =
          "What the learning rate of everything but the classifier is multiplied with"
              + " (${DEFAULT-VALUE}).")
  private double backboneFactor;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      defaultValue = "0.9",
      converter = Converters.Fraction.class,
      description = "Nesterov momentum (${DEFAULT-VALUE}).")
  private double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "D",
      defaultValue = "1e-4",
      converter = Converters.NonNegativeDouble.class,
      description = "For weights; never for biases and batch norm (${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--warmup-epochs",
      paramLabel = "N",
      defaultValue = "1",
      converter = Converters.NonNegativeDouble.class,
      description = "Epochs of linear warm-up, may be a fraction (${DEFAULT-VALUE}).")
  private double warmupEpochs;

  @Option(
      names = "--label-smoothing",
      paramLabel = "E",
      defaultValue = "0.1",
      converter = Converters.Fraction.class,
      description = "Share of the target that is spread over all classes (${DEFAULT-VALUE}).")
  private double labelSmoothing;

  @Option(
      names = "--batch-norm",
      paramLabel = "MODE",
      defaultValue = "local",
      description =
          "local: statistics of each worker's batch, running ones averaged over the workers after"
              + " each epoch; frozen: the running statistics of --weights, unchanged"
              + " (${DEFAULT-VALUE}).")
  private BatchNorm batchNorm;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "17",
      description =
          "Of everything random; the same seed, dataset and number of workers give the same curve"
              + " (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--workers",
      paramLabel = "N",
      converter = Converters.PositiveInt.class,
      description = "Executors that train (all).")
  private Integer workers;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Converters.PositiveInt.class,
      description = "Threads of libtorch in each worker (the cores of an executor).")
  private Integer threads;

  TrainCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    TrainSettings settings = settings();
    SparkSession session = OctavoSession.openForWholeExecutorTasks("train");
    TrainResult result = new Train(session, settings, console::println).execute();
    console.printf("model: %s%n", result.model());
    return 0;
  }

  private TrainSettings settings() {
    SgdSettings sgd = new SgdSettings(learningRate, backboneFactor, momentum, weightDecay);
    Recipe recipe =
        new Recipe(
            epochs, batchSize, imageSize, sgd, warmupEpochs, labelSmoothing, batchNorm, seed);
    return new TrainSettings(
        data,
        out,
        overwrite.ifExists(),
        ResNet.of(network),
        Optional.ofNullable(weights),
        allowPartial ? WeightImport.Policy.ALLOW_PARTIAL : WeightImport.Policy.REQUIRE_HALF,
        recipe,
        optional(workers),
        optional(threads));
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
