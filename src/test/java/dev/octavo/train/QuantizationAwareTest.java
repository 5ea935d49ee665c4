package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.bundle.TrainedRanges;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.program.FlatLayout;
import dev.octavo.program.Int8Reference;
import dev.octavo.program.Precision;
import dev.octavo.program.SimulatedInt8;
import dev.octavo.program.TestModels;
import dev.octavo.program.TrainProgram;
import dev.octavo.program.TrainProgram.BatchNorm;
import dev.octavo.quantize.CalibrationData;
import dev.octavo.quantize.QualityGate;
import dev.octavo.quantize.QuantizationConfig;
import dev.octavo.quantize.Quantize;
import dev.octavo.quantize.QuantizeResult;
import dev.octavo.quantize.QuantizeSettings;
import dev.octavo.quantize.QuantizeSettingsBuilder;
import dev.octavo.quantize.RangeMethod;
import dev.octavo.quantize.Refinement;
import dev.octavo.spark.LocalCluster;
import dev.octavo.spark.TestProcess;
import dev.octavo.spark.TestProcess.Watch;
import dev.octavo.tensor.Tensor;
import dev.octavo.train.RunSettings.Start;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Quantization-aware training on executors, and what {@code quantize} makes of its bundle. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class QuantizationAwareTest {
  private static final String NETWORK = "resnet18";
  private static final int STEPS_PER_EPOCH = 4;
  private static final int IMAGES = 48;
  private static final int SIZE = 32;
  private static final int EXTRA = 6;
  private static final int MIDDLE_OF_EPOCH_2 = 6;
  private static final CpuTarget TARGET = CpuTarget.of(CpuFeatures.current());

  @TempDir private Path directory;

  private final Configuration conf = new Configuration();
  private final List<String> progress = new ArrayList<>();
  private Precision fallback = Precision.FP32;

  @BeforeEach
  void trainAndQuantize() throws IOException {
    SparkSession spark = LocalCluster.session();
    GeneratedData.write(spark, directory.resolve("data"), 4 * STEPS_PER_EPOCH, 6, EXTRA);
    training(spark, directory).train("float", Recipes.of(1, 4).batchNorm(BatchNorm.LOCAL).build());
    quantize("float", "int8", TARGET, Set.of(Refinement.BIAS_CORRECTION));
  }

  @AfterEach
  void stopCluster() {
    LocalCluster.stop();
  }

  private static Recipe recipe() {
    return Recipes.of(2, 2)
        .optimizer(Recipes.learningRate(0.001))
        .ema(0.9)
        .trainSizes(new TrainSizes(32, 64))
        .repeats(2)
        .build();
  }

  private static Training training(SparkSession spark, Path directory) {
    return new Training(spark, place(directory, "data"), directory)
        .network(Architectures.of(NETWORK))
        .checkpointSteps(MIDDLE_OF_EPOCH_2);
  }

  private static Training aware(SparkSession spark, Path directory) {
    return training(spark, directory)
        .startFrom(place(directory, "float"))
        .quantizationAware(place(directory, "int8"))
        .teacher(place(directory, "float"));
  }

  private static org.apache.hadoop.fs.Path place(Path directory, String name) {
    return new org.apache.hadoop.fs.Path(directory.resolve(name).toUri());
  }

  /** Runs as a program of its own, so that the driver can be killed. */
  public static final class Driver {
    private Driver() {}

    /** Trains in the directory that is the only argument. */
    public static void main(String[] arguments) throws IOException {
      aware(LocalCluster.session(), Path.of(arguments[0])).train("resumed", recipe());
    }
  }

  private QuantizeResult quantize(
      String model, String out, CpuTarget target, Set<Refinement> refinements) throws IOException {
    QuantizeSettings settings =
        QuantizeSettingsBuilder.builder()
            .model(place(directory, model))
            .data(place(directory, "data"))
            .out(place(directory, out))
            .ifExists(Destination.IfExists.FAIL)
            .calibration(new QuantizeSettings.Calibration(CalibrationData.TRAIN, 6, 17))
            .approach(new QuantizationConfig(RangeMethod.MSE, refinements, Set.of()))
            .target(target)
            .fallback(fallback)
            .gate(new QualityGate(100, 0))
            .maxFloatLayers(0)
            .calibrateConfidence(false)
            .sensitivity(QuantizeSettings.SensitivityTable.WHEN_NEEDED)
            .forecastTime(Duration.ZERO)
            .build();
    return new Quantize(LocalCluster.session(), settings, progress::add).execute();
  }

  @Test
  void aResumedRunEndsAsAnUndisturbedOneAndIsQuantizedWithoutCalibration() throws Exception {
    TrainResult undisturbed = aware(LocalCluster.session(), directory).train("model", recipe());
    Training training = aware(LocalCluster.session(), directory);
    try (Watch watch = new Watch(Files.createDirectory(training.runDirectory("resumed")))) {
      Process driver =
          TestProcess.start(Driver.class, directory.resolve("driver.log"), directory.toString());
      watch.awaitCreated("checkpoint-%010d-".formatted(MIDDLE_OF_EPOCH_2));
      driver.destroyForcibly().waitFor();
    }
    TrainResult resumed = training.start(Start.RESUME).train("resumed", recipe());
    assertThat(Training.weights(resumed)).isEqualTo(Training.weights(undisturbed));

    progress.clear();
    quantize("resumed", "resumed-int8", TARGET, Set.of(Refinement.BIAS_CORRECTION));
    assertThat(progress.get(0)).endsWith("nothing is calibrated");
    ModelBundle before = ModelBundle.open(conf, place(directory, "int8"));
    ModelBundle trained = ModelBundle.open(conf, place(directory, "resumed"));
    ModelBundle int8 = ModelBundle.open(conf, place(directory, "resumed-int8"));
    assertThat(int8.quantizedNetwork(conf).activations())
        .isEqualTo(before.quantizedNetwork(conf).activations());
    assertThat(int8.manifest().settings())
        .containsEntry("refinements", List.of())
        .containsEntry("calibrationImages", 6)
        .containsEntry("method", "mse");
    assertThat(trained.manifest().settings())
        .containsEntry("teacher.weight", 0.75)
        .containsEntry("teacher.temperature", 2.0)
        .containsEntry("teacher.precision", "fp32")
        .containsEntry("quantizationAware.target", TARGET.id());
    assertThat(int8.manifest().figures().get("valInt8Top1"))
        .isEqualTo(trained.manifest().figures().get("valTop1"));
    requireTheSameUpToTies(referenceLosses(int8), simulatedLosses(trained, int8), int8Losses(int8));
  }

  /**
   * In float32 a value that is halfway between two codes may become either, in the program or in
   * its simulation, and one code can move the loss of an image by 0.2. So two of the three must
   * agree on each image, and all on nearly all of them (measured: 44 of 48).
   */
  private static void requireTheSameUpToTies(
      double[] reference, double[] simulated, double[] program) {
    int allAgree = 0;
    for (int i = 0; i < IMAGES; i++) {
      double[] losses = {reference[i], simulated[i], program[i]};
      Arrays.sort(losses);
      double lower = losses[1] - losses[0];
      double upper = losses[2] - losses[1];
      assertThat(Math.min(lower, upper))
          .as("image %d: %s", i, Arrays.toString(losses))
          .isLessThan(1e-5);
      allAgree += Math.max(lower, upper) < 1e-5 ? 1 : 0;
    }
    assertThat(allAgree).isGreaterThanOrEqualTo(IMAGES * 7 / 8);
  }

  private static Tensor images() {
    return TestModels.images(IMAGES, SIZE, 4);
  }

  private double[] referenceLosses(ModelBundle int8) throws IOException {
    Int8Reference reference = new Int8Reference(int8.quantizedNetwork(conf), TARGET.operators());
    ByteBuffer pixels = images().bytes();
    byte[] image = new byte[SIZE * SIZE * 3];
    double[] losses = new double[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      pixels.get(image);
      double[] logits = reference.logits(image, SIZE);
      losses[i] = Math.log(Arrays.stream(logits).map(Math::exp).sum()) - logits[i % 3];
    }
    return losses;
  }

  private double[] int8Losses(ModelBundle int8) throws IOException {
    try (InferenceProgram program =
        new ProgramLoader(int8, conf, CpuPolicy.STRICT).load(Precision.INT8)) {
      float[] logits = TestModels.logits(program, images());
      double[] losses = new double[IMAGES];
      for (int i = 0; i < IMAGES; i++) {
        double sum = 0;
        for (int k = 0; k < 3; k++) {
          sum += Math.exp(logits[3 * i + k]);
        }
        losses[i] = Math.log(sum) - logits[3 * i + i % 3];
      }
      return losses;
    }
  }

  private double[] simulatedLosses(ModelBundle trained, ModelBundle int8) throws IOException {
    Network network = trained.network();
    TrainedRanges ranges =
        TrainedRanges.read(conf, trained.directory(), trained.manifest()).orElseThrow();
    try (LoadedProgram program =
        TestModels.load(
            out ->
                TrainProgram.write(
                    network,
                    trained.stateDict(conf),
                    FlatLayout.of(network),
                    new TrainProgram.Options(
                        BatchNorm.FROZEN,
                        Precision.FP32,
                        int8.preprocessing().normalization(),
                        Optional.of(
                            new SimulatedInt8(
                                TARGET.operators(), TARGET.weightBits(), ranges.mappings())),
                        Optional.empty()),
                    out),
            LoadedProgram.Mode.TRAINING)) {
      double[] losses = new double[IMAGES];
      long[] labels = new long[IMAGES];
      Arrays.setAll(labels, i -> i % 3);
      program
          .run("evaluate", images(), Tensor.of(labels, IMAGES))
          .get(0)
          .bytes()
          .asDoubleBuffer()
          .get(losses);
      return losses;
    }
  }

  @Test
  void aTeacherAlsoTeachesImagesThatHaveNoLabel() throws IOException {
    SparkSession spark = LocalCluster.session();
    Training training =
        training(spark, directory)
            .startFrom(place(directory, "float"))
            .teacherSplits("train", "extra")
            .teacher(place(directory, "float"));
    TrainResult result =
        training.train("taught", Recipes.of(1, 2).optimizer(Recipes.learningRate(0.001)).build());
    assertThat(result.last().step())
        .isEqualTo((4 * STEPS_PER_EPOCH + EXTRA + 3) / 4); // 2 workers of 2
    assertThat(training.console())
        .contains("the teacher alone teaches 6 more images, of the split extra");
    ModelBundle bundle = ModelBundle.open(conf, result.model());
    assertThat(bundle.manifest().settings())
        .containsEntry("teacher.splits", List.of("train", "extra"));
    assertThat(bundle.manifest().figures()).containsEntry("trainImages", 4 * STEPS_PER_EPOCH);
  }

  @Test
  void whatComputesInBfloat16IsSimulatedInFloat32AndSaidToBe() throws IOException {
    fallback = Precision.BF16;
    assumeThat(TARGET).isNotEqualTo(CpuTarget.PORTABLE);
    quantize("float", "int8-bf16", TARGET, Set.of());
    Training training =
        aware(LocalCluster.session(), directory).quantizationAware(place(directory, "int8-bf16"));
    training.train("model", recipe());
    assertThat(training.console())
        .anyMatch(
            line -> line.endsWith("its float layers in fp32, not in bf16 as that bundle has them"));
    assertThatThrownBy(() -> quantize("model", "again", TARGET, Set.of()))
        .hasMessageContaining("was trained with float layers in fp32: leave --fallback out");
  }

  @Test
  void rangesOfOtherWeightsOrAnotherTargetAreRefused() throws IOException {
    SparkSession spark = LocalCluster.session();
    aware(spark, directory).train("model", recipe());
    CpuTarget other = TARGET.isFullRange() ? CpuTarget.AVX2 : CpuTarget.PORTABLE;
    assertThatThrownBy(() -> quantize("model", "other", other, Set.of()))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("was trained for --target " + TARGET.id());
    assertThatThrownBy(() -> quantize("model", "other", TARGET, Set.of(Refinement.EQUALIZATION)))
        .hasMessageContaining("leave --equalize, --float-layers and --calibration-data out");
    assertThatThrownBy(
            () ->
                aware(spark, directory)
                    .startFrom(place(directory, "model"))
                    .train("again", recipe()))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("was not quantized from");
    assertThatThrownBy(
            () ->
                aware(spark, directory)
                    .quantizationAware(place(directory, "float"))
                    .train("again", recipe()))
        .hasMessageContaining("is a float model: --quantization-aware takes the int8 bundle");
    assertThatThrownBy(
            () ->
                aware(spark, directory)
                    .train("again", Recipes.of(2, 2).batchNorm(BatchNorm.LOCAL).build()))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("--batch-norm frozen");
  }
}
