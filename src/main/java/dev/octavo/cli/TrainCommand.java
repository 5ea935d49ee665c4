package dev.octavo.cli;

import dev.octavo.bundle.ModelBundle;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.program.Precision;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.spark.OctavoSession;
import dev.octavo.spark.collective.CommDtype;
import dev.octavo.train.Recipe;
import dev.octavo.train.Recipe.Scope;
import dev.octavo.train.RecipeBuilder;
import dev.octavo.train.Train;
import dev.octavo.train.TrainResult;
import dev.octavo.train.TrainSettings;
import dev.octavo.train.TrainSettingsBuilder;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
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
        "Trains a network on a dataset, on all executors together: one worker on each, in"
            + " lockstep.")
public final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private OverwriteOption overwrite;
  @Mixin private OptimizerOptions optimizer;
  @Mixin private AugmentationOptions variation;
  @Mixin private TeacherOptions teacher;
  @Mixin private RunOptions run;

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
      description = "Directory of the new model bundle.")
  private Path out;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      defaultValue = "resnet50",
      completionCandidates = Networks.class,
      description = "One of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private String network;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "Initial weights: a state dict (.pth, .safetensors), a TorchScript file or a"
              + " model bundle. A classifier for another number of classes is replaced. Without"
              + " it: from scratch.")
  private Path weights;

  @Option(
      names = "--quantization-aware",
      paramLabel = "DIR",
      description =
          "Fine-tune --weights for int8: DIR is the int8 bundle that quantize made from"
              + " them, whose ranges are kept and whose rounding is simulated. Batch norm is"
              + " frozen. quantize then takes the model without another calibration.")
  private Path quantizationAware;

  @Option(
      names = "--allow-partial",
      description = "Accept --weights that have less than half of the network's parameters.")
  private boolean allowPartial;

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      converter = Converters.PositiveInt.class,
      description =
          "Height and width of the crops (the network's own: 224 for most; images are resized in"
              + " proportion).")
  private Integer imageSize;

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
      description = "Images per step and worker (${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--global-batch-size",
      paramLabel = "N",
      defaultValue = "0",
      converter = Converters.NonNegativeInt.class,
      description =
          "Images per step of all workers together, whose number then doesn't change what is"
              + " computed; replaces --batch-size. 0 is --batch-size times workers times"
              + " --accumulate (${DEFAULT-VALUE}).")
  private int globalBatchSize;

  @Option(
      names = "--accumulate",
      paramLabel = "K",
      defaultValue = "1",
      converter = Converters.PositiveInt.class,
      description =
          "Batches per worker between two steps, whose gradients are added up: fewer exchanges,"
              + " larger steps (${DEFAULT-VALUE}).")
  private int accumulate;

  @Option(
      names = "--batch-norm",
      paramLabel = "MODE",
      defaultValue = "local",
      description =
          "local: statistics of each worker's batch, running ones averaged over the workers after"
              + " each epoch; sync: statistics over the batches of all workers, for few images"
              + " per worker; frozen: the running statistics of --weights, unchanged"
              + " (${DEFAULT-VALUE}).")
  private BatchNorm batchNorm;

  @Option(
      names = "--freeze",
      paramLabel = "LAYERS",
      split = ",",
      description =
          "Stages or modules that are not trained, as in stem,layer1: neither weights nor"
              + " batch norm change, and no gradient is computed.")
  private List<String> freeze = List.of();

  @Option(
      names = "--linear-probe",
      description =
          "Train the classifier alone, on features of the centre crops that are computed once: an"
              + " epoch takes seconds.")
  private boolean linearProbe;

  @Option(
      names = "--residual-gamma",
      paramLabel = "G",
      defaultValue = "1",
      converter = Converters.Fraction.class,
      description =
          "Initial scale of the last batch norm of residual blocks that are not in"
              + " --weights; 0 makes them begin as the identity (${DEFAULT-VALUE}).")
  private double residualGamma;

  @Option(
      names = "--ema",
      paramLabel = "D",
      defaultValue = "0",
      converter = Converters.Fraction.class,
      description =
          "Evaluate and publish a moving average of the weights with this decay per step, as in"
              + " 0.99; 0 is off (${DEFAULT-VALUE}).")
  private double ema;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "0",
      converter = Converters.NonNegativeInt.class,
      description =
          "Stop after this number of epochs without progress on val; 0 is off"
              + " (${DEFAULT-VALUE}).")
  private int patience;

  @Option(
      names = "--calibrate-confidence",
      description =
          "Fit a temperature to the trained model's logits on val, which score then divides them"
              + " by: probabilities become as high as answers are right; the answers stay.")
  private boolean calibrateConfidence;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      defaultValue = "auto",
      description =
          "bf16: convolutions compute in bfloat16, all else (weights, statistics, loss, update) in"
              + " float32; fp32; auto: bf16 where all workers' CPUs compute it natively"
              + " (${DEFAULT-VALUE}).")
  private TrainPrecision precision;

  @Option(
      names = "--comm-dtype",
      paramLabel = "TYPE",
      defaultValue = "fp32",
      description =
          "fp32 or bf16: type of gradients and weights between workers; the stored weights"
              + " are float32 (${DEFAULT-VALUE}).")
  private CommDtype commDtype;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "17",
      description =
          "Seed of everything random; the same seed, dataset and number of workers give the"
              + " same loss curve, to the bit (${DEFAULT-VALUE}).")
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
    settings.requireApart(OctavoSession.hadoopConfiguration());
    new Preflight()
        .dataset(data)
        .exists("--weights", weights)
        .exists("--quantization-aware", quantizationAware)
        .exists("--teacher", teacher.teacher())
        .target(out, ModelBundle.KIND, overwrite.ifExists(), settings.inputs());
    SparkSession session = OctavoSession.openForWholeExecutorTasks("train");
    TrainResult result = new Train(session, settings, console::println).execute();
    if (result.best().epoch() < result.last().epoch()) {
      console.printf(
          "epoch %d did best; epoch %d, the last, is in %s%n",
          result.best().epoch(), result.last().epoch(), new Path(result.model(), "last"));
    }
    console.printf("model: %s%n", result.model());
    return 0;
  }

  private enum TrainPrecision {
    AUTO,
    FP32,
    BF16;

    Optional<Precision> wanted() {
      return this == AUTO ? Optional.empty() : Optional.of(Precision.valueOf(name()));
    }
  }

  private TrainSettings settings() {
    Architecture architecture = Architectures.of(network);
    Preprocessing own = architecture.preprocessing();
    Preprocessing preprocessing = imageSize == null ? own : own.withCropSize(imageSize);
    Recipe recipe =
        RecipeBuilder.builder()
            .epochs(epochs)
            .batchSize(batchSize)
            .globalBatchSize(globalBatchSize)
            .accumulate(accumulate)
            .preprocessing(preprocessing)
            .trainSizes(variation.trainSizes(preprocessing.cropSize()))
            .optimizer(optimizer.optimizer())
            .layerDecay(optimizer.layerDecay())
            .samRho(optimizer.samRho())
            .schedule(optimizer.schedule(epochs))
            .loss(variation.loss())
            .augmentation(variation.augmentation())
            .dropoutFactor(variation.dropoutFactor())
            .repeats(variation.repeats())
            .batchNorm(quantizationAware == null ? batchNorm : BatchNorm.FROZEN)
            .commDtype(commDtype)
            .frozen(freeze)
            .scope(linearProbe ? Scope.CLASSIFIER : Scope.NETWORK)
            .residualGamma(residualGamma)
            .ema(ema)
            .patience(patience)
            .seed(seed)
            .build();
    return TrainSettingsBuilder.builder()
        .data(data)
        .out(out)
        .ifExists(overwrite.ifExists())
        .network(architecture)
        .weights(Optional.ofNullable(weights))
        .quantizationAware(Optional.ofNullable(quantizationAware))
        .teacher(teacher.settings())
        .importPolicy(
            allowPartial ? WeightImport.Policy.ALLOW_PARTIAL : WeightImport.Policy.REQUIRE_HALF)
        .recipe(recipe)
        .calibrateConfidence(calibrateConfidence)
        .checkData(run.checkData())
        .precision(precision.wanted())
        .run(run.settings())
        .workers(optional(workers))
        .minWorkers(run.minWorkers())
        .threads(optional(threads))
        .build();
  }

  /** The networks' names, for the help. */
  static final class Networks implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Architectures.ids().iterator();
    }
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
