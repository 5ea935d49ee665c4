package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.CalibrationRecord;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetImages;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.Datasets;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.inference.TinyModel;
import dev.octavo.metrics.Temperature;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.FusedProgram;
import dev.octavo.program.InputShape;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage on a small dataset of noise and a network of random weights. */
class QuantizeTest {
  private static final List<String> CLASSES = List.of("attic", "bar");
  private static final QuantizationConfig MSE =
      new QuantizationConfig(RangeMethod.MSE, Set.of(), Set.of());
  private static final QualityGate EVERYTHING = new QualityGate(100, 0);

  @TempDir private Path directory;

  private final List<String> progress = new ArrayList<>();
  private boolean calibrateConfidence;

  private org.apache.hadoop.fs.Path place(String name) {
    return new org.apache.hadoop.fs.Path(directory.resolve(name).toUri());
  }

  private void publishData(Map<String, String> splitByName) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (Map.Entry<String, String> image : splitByName.entrySet()) {
      int label = rows.size() % 2;
      String name = image.getKey();
      String path = CLASSES.get(label) + "/" + name;
      // Copies are named after what they are copies of.
      String content = name.replace("-copy", "");
      rows.add(
          RowFactory.create(
              path,
              CLASSES.get(label),
              label,
              noise(content.hashCode()),
              "png",
              70,
              70,
              3,
              1,
              content,
              0L,
              null,
              image.getValue()));
    }
    Path data = directory.resolve("data");
    LocalCluster.session()
        .createDataFrame(rows, DatasetSchema.ROWS)
        .repartition(1)
        .write()
        .partitionBy(DatasetSchema.SPLIT)
        .parquet(data.resolve(DatasetArtifact.IMAGES).toString());
    Files.writeString(data.resolve(Manifest.FILE_NAME), Datasets.manifest(CLASSES).toJson());
  }

  private static byte[] noise(long seed) throws IOException {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(70, 70, BufferedImage.TYPE_INT_RGB);
    int base = random.nextInt(1 << 24);
    for (int y = 0; y < 70; y++) {
      for (int x = 0; x < 70; x++) {
        image.setRGB(x, y, random.nextInt(4) == 0 ? random.nextInt(1 << 24) : base);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static Map<String, String> twelveImages() {
    Map<String, String> splits = new TreeMap<>();
    for (int i = 0; i < 12; i++) {
      splits.put("image%02d.png".formatted(i), i < 8 ? DatasetSchema.TRAIN : DatasetSchema.VAL);
    }
    return splits;
  }

  private QuantizeResult quantize(CalibrationData calibration, QualityGate gate)
      throws IOException {
    return quantize(calibration, gate, MSE);
  }

  private QuantizeResult quantize(
      CalibrationData calibration, QualityGate gate, QuantizationConfig approach)
      throws IOException {
    return quantize(calibration, gate, approach, place("int8"));
  }

  private QuantizeResult quantize(
      CalibrationData calibration,
      QualityGate gate,
      QuantizationConfig approach,
      org.apache.hadoop.fs.Path out)
      throws IOException {
    if (!Files.exists(directory.resolve("model"))) {
      TinyModel.publish(place("model"), CLASSES, 51);
    }
    QuantizeSettings settings =
        QuantizeSettingsBuilder.builder()
            .model(place("model"))
            .data(place("data"))
            .out(out)
            .ifExists(Destination.IfExists.FAIL)
            .calibration(new QuantizeSettings.Calibration(calibration, 6, 17))
            .approach(approach)
            .target(CpuTarget.AVX2)
            .fallback(Precision.BF16)
            .gate(gate)
            .maxFloatLayers(0)
            .calibrateConfidence(calibrateConfidence)
            .sensitivity(QuantizeSettings.SensitivityTable.WHEN_NEEDED)
            .forecastTime(Duration.ofMillis(20))
            .build();
    return new Quantize(LocalCluster.session(), settings, progress::add).execute();
  }

  private Manifest manifest() throws IOException {
    Path file = directory.resolve("int8").resolve(Manifest.FILE_NAME);
    return Manifest.fromJson(Files.readString(file), file.toString());
  }

  @Test
  void theManifestSaysHowItWasMadeAndHowGoodItIs() throws IOException {
    publishData(twelveImages());
    QuantizeResult result = quantize(CalibrationData.TRAIN, EVERYTHING);
    assertThat(result.gate()).isEqualTo(Quantize.Verdict.PASSED);
    assertThat(result.layers()).hasSize(20);
    assertThat(manifest().settings())
        .containsEntry("calibrationData", "train")
        .containsEntry("calibrationImages", 6)
        .containsEntry("method", "mse")
        .containsEntry("refinements", List.of())
        .containsEntry("int8.target", "avx2")
        .containsEntry("int8.variant", false)
        .containsEntry("maxDrop", 100.0)
        .containsKey("calibrationSample");
    assertThat(manifest().figures())
        .containsEntry("gate", "passed")
        .containsKeys(
            "valAgreement", "valInt8MeanPerClass", "valLayerSqnrDecibels", "gateAttempts");
    assertThat(directory.resolve("int8/MODEL_CARD.md")).content().contains("resnet18, int8");
  }

  @Test
  void theTemperatureIsFittedToTheLogitsOfTheInt8ProgramOnVal() throws IOException {
    publishData(twelveImages());
    TinyModel.publishCalibrated(place("model"), CLASSES, 51, 3);
    quantize(CalibrationData.TRAIN, EVERYTHING);
    assertThat(manifest().settings()).doesNotContainKey("confidenceTemperature");
    assertThat(progress).anyMatch(line -> line.contains("--calibrate-confidence fits"));

    calibrateConfidence = true;
    ModelBundle bundle =
        ModelBundle.open(
            new Configuration(),
            quantize(CalibrationData.TRAIN, EVERYTHING, MSE, place("calibrated")).bundle());
    List<float[]> logits = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    try (InferenceProgram program =
            new ProgramLoader(bundle, new Configuration(), CpuPolicy.ADAPT).load(Precision.INT8);
        DatasetImages val =
            new DatasetImages(
                DatasetArtifact.open(LocalCluster.session(), place("data")),
                DatasetSchema.VAL,
                bundle.preprocessing(),
                1)) {
      val.forEach(
          image -> {
            logits.add(program.forward(image.images()).toFloats());
            labels.add(image.labels()[0]);
          });
    }
    assertThat(logits).hasSize(4);
    double expected =
        Temperature.fitToLogits(
                logits.toArray(float[][]::new), labels.stream().mapToInt(i -> i).toArray())
            .value();
    assertThat(bundle.temperature().value()).isCloseTo(expected, withinPercentage(0.1));
    assertThat(bundle.temperature()).isNotEqualTo(Temperature.ONE);
    assertThat(directory.resolve("calibrated/MODEL_CARD.md"))
        .content()
        .contains("divides by a temperature of");
  }

  @Test
  void withoutValNoConfidenceCanBeCalibrated() throws IOException {
    publishData(new TreeMap<>(Map.of("a.png", DatasetSchema.TRAIN, "b.png", DatasetSchema.TRAIN)));
    calibrateConfidence = true;
    assertThatThrownBy(() -> quantize(CalibrationData.TRAIN, EVERYTHING))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith("--calibrate-confidence fits a temperature to val, of which ");
  }

  @Test
  void layersThatPatternsNameStayInFloat() throws IOException {
    publishData(twelveImages());
    quantize(
        CalibrationData.TRAIN, EVERYTHING, MSE.withFloatLayers(Set.of("conv1", "layer4.*.conv1")));
    assertThat(manifest().settings())
        .containsEntry("floatLayers", List.of("conv1", "layer4.0.conv1", "layer4.1.conv1"))
        .containsEntry("methodAskedFor", "mse, float32: conv1 layer4.*.conv1");
  }

  @Test
  void aPatternThatMatchesNoLayerIsRefusedWithTheLayersThereAre() throws IOException {
    publishData(twelveImages());
    QuantizationConfig mistyped = MSE.withFloatLayers(Set.of("conv1", "layr4.*"));
    assertThatThrownBy(() -> quantize(CalibrationData.TRAIN, EVERYTHING, mistyped))
        .isInstanceOf(OctavoException.InvalidSetting.class)
        .hasMessageStartingWith("floatLayers is layr4.*, but must be names of layers")
        .hasMessageContaining("layer4.1.conv1");
    assertThat(directory.resolve("int8")).doesNotExist();
  }

  @Test
  void theBundleKeepsTheHistogramsAndTheRangesOfAllMethods() throws IOException {
    publishData(twelveImages());
    quantize(CalibrationData.TRAIN, EVERYTHING);
    CalibrationRecord calibration =
        CalibrationRecord.read(new Configuration(), place("int8"), manifest()).orElseThrow();
    assertThat(calibration.method()).isEqualTo("mse");
    assertThat(calibration.activations()).hasSizeGreaterThanOrEqualTo(17);
    for (CalibrationRecord.Activation activation : calibration.activations()) {
      assertThat(activation.counts()).hasSize(CalibrationRecord.BINS);
      assertThat(activation.counts().stream().mapToLong(c -> c).sum()).isPositive();
      assertThat(activation.ranges())
          .extracting(CalibrationRecord.ChosenRange::method)
          .containsExactly("minmax", "percentile", "mse", "entropy");
      double least = activation.range("mse").orElseThrow().noise();
      assertThat(activation.ranges()).allMatch(range -> range.noise() >= 0.999 * least);
    }
  }

  @Test
  void whatTheGateRefusesLeavesNothingBehind() throws IOException {
    publishData(twelveImages());
    publishFragileModel();
    assertThatThrownBy(() -> quantize(CalibrationData.TRAIN, new QualityGate(100, 1)))
        .isInstanceOf(OctavoException.QualityGate.class)
        .hasMessageContaining("is not published");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("model", "data");
    }
  }

  /**
   * A model that int8 can't hold: every second channel that layer1 adds to is scaled up and, by
   * whoever reads it, down again; logits are centred, so that val gets both classes.
   */
  private void publishFragileModel() throws IOException {
    Network network = ResNet.RESNET18.network(CLASSES.size());
    Map<String, Tensor> state = new HashMap<>(TestModels.weights(network, 51).tensors());
    for (String norm : List.of("bn1", "layer1.0.bn2", "layer1.1.bn2")) {
      for (String name : List.of(norm + ".weight", norm + ".bias")) {
        float[] values = state.get(name).toFloats();
        for (int i = 1; i < values.length; i += 2) {
          values[i] *= 4096;
        }
        state.put(name, Tensor.of(values, state.get(name).shape()));
      }
    }
    for (String name :
        List.of("layer1.0.conv1", "layer1.1.conv1", "layer2.0.conv1", "layer2.0.downsample.0")) {
      Tensor tensor = state.get(name + ".weight");
      float[] values = tensor.toFloats();
      int kernel = (int) (tensor.shape()[2] * tensor.shape()[3]);
      for (int i = 0; i < values.length; i++) {
        values[i] /= i / kernel % 2 == 1 ? 4096 : 1;
      }
      state.put(name + ".weight", Tensor.of(values, tensor.shape()));
    }
    float[] bias = state.get("fc.bias").toFloats();
    FoldedNetwork folded = FoldedNetwork.of(network, new StateDict(state), Normalization.IMAGENET);
    try (InferenceProgram program =
            NetworkQuantizer.load(
                out -> FusedProgram.write(folded, new InputShape(64, 4), Precision.FP32, out));
        DatasetImages val =
            new DatasetImages(
                DatasetArtifact.open(LocalCluster.session(), place("data")),
                DatasetSchema.VAL,
                Preprocessing.ofSize(64),
                4)) {
      val.forEach(
          batch -> {
            float[] logits = TestModels.logits(program, batch.images());
            for (int i = 0; i < logits.length; i++) {
              bias[i % 2] -= logits[i] / 4;
            }
          });
    }
    state.put("fc.bias", Tensor.of(bias, bias.length));
    try (Staging staging =
        Staging.open(
            new Configuration(), place("model"), "model", Destination.IfExists.FAIL, List.of())) {
      BundleWriter.publish(
          staging,
          new BundleWriter.Content(
              new BundleWriter.Description(network, CLASSES, Preprocessing.ofSize(64)),
              ProgramWriter.portable(network, new StateDict(state), Normalization.IMAGENET),
              Map.of(),
              Map.of(),
              Map.of()));
    }
  }

  @Test
  void randomCalibrationIsRecordedWarnedOfAndExemptFromTheGate() throws IOException {
    publishData(twelveImages());
    QuantizeResult result = quantize(CalibrationData.RANDOM, new QualityGate(0, 1));
    assertThat(result.gate()).isEqualTo(Quantize.Verdict.EXEMPT);
    assertThat(progress).anyMatch(line -> line.contains("random input: expect a bad model"));
    assertThat(manifest().settings())
        .containsEntry("calibrationData", "random")
        .doesNotContainKey("calibrationSample");
    assertThat(manifest().figures()).containsEntry("gate", "exempt");
  }

  @Test
  void theModelOfOtherDataIsRefused() throws IOException {
    publishData(twelveImages());
    TinyModel.publish(place("model"), List.of("attic", "cellar"), 51);
    assertThatThrownBy(() -> quantize(CalibrationData.TRAIN, EVERYTHING))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "the model %s was trained on other classes than the dataset %s has: give the --data that it was trained with"
                .formatted(place("model"), place("data")));
    assertThat(directory.resolve("int8")).doesNotExist();
  }

  @Test
  void aSampleThatTouchesValIsRefused() throws IOException {
    Map<String, String> splits = new TreeMap<>(twelveImages());
    for (int i = 0; i < 8; i++) {
      splits.put("image%02d-copy.png".formatted(i), DatasetSchema.VAL);
    }
    publishData(splits);
    assertThatThrownBy(() -> quantize(CalibrationData.TRAIN, EVERYTHING))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("6 images of val or test are in the calibration sample too")
        .hasMessageContaining("of val): remove the copies and ingest again");
    assertThat(directory.resolve("int8")).doesNotExist();
  }

  @Test
  void withoutValTheGateIsSaidNotToBeMeasured() throws IOException {
    Map<String, String> splits = twelveImages();
    splits.replaceAll((name, split) -> DatasetSchema.TRAIN);
    publishData(splits);
    assertThat(quantize(CalibrationData.TRAIN, EVERYTHING).gate())
        .isEqualTo(Quantize.Verdict.NOT_MEASURED);
    assertThat(manifest().figures()).containsEntry("gate", "not measured");
  }
}
