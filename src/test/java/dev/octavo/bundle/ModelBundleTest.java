package dev.octavo.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Staging;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.inference.TinyModel;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.TorchScriptReader;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelBundleTest {
  private static final Configuration CONF = new Configuration();
  private static final int SIZE = 32;

  private static @TempDir java.nio.file.Path shared;
  private static java.nio.file.Path int8;

  private final Network network = ResNet.RESNET18.network(2);
  private @TempDir java.nio.file.Path directory;

  @BeforeAll
  static void publishInt8() throws IOException {
    int8 = shared.resolve("int8");
    TinyModel.publishInt8WithVariant(new Path(int8.toString()), CpuTarget.VNNI, 48);
  }

  private ModelBundle bundle(ProgramWriter program) throws IOException {
    Path out = new Path(directory.resolve("bundle").toString());
    try (Staging staging = Staging.open(CONF, out, "model", Destination.IfExists.FAIL, List.of())) {
      BundleWriter.publish(
          staging,
          new BundleWriter.Content(
              new BundleWriter.Description(network, List.of("a", "b"), Preprocessing.ofSize(SIZE)),
              program,
              Map.of(),
              Map.of(),
              Map.of()));
    }
    return ModelBundle.open(CONF, out);
  }

  @ParameterizedTest
  @EnumSource(names = "INT8", mode = EnumSource.Mode.EXCLUDE)
  void aFloatBundlesProgramsTellTheirFeatures(Precision precision) throws IOException {
    if (precision == Precision.BF16) {
      assumeThat(CpuFeatures.current().runsBfloat16()).as("AVX-512 or aarch64").isTrue();
    }
    StateDict state = TestModels.weights(network, 41);
    ModelBundle bundle = bundle(ProgramWriter.portable(network, state, Normalization.IMAGENET));
    try (InferenceProgram program = loader(bundle).load(precision, 4)) {
      Tensor images = TestModels.images(1, SIZE, 42);
      InferenceProgram.Embedding embedding = program.embed(images);
      assertThat(embedding.logits().shape()).containsExactly(1, 2);
      assertThat(embedding.features().shape()).containsExactly(1, 512);
      assertThat(embedding.logits().toFloats()).isEqualTo(program.forward(images).toFloats());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bn1.running_var, NaN, bn1.running_var holds NaN",
    "layer1.0.bn1.running_var, -2, layer1.0.bn1.running_var holds the negative variance -2.0",
    "fc.weight, Infinity, fc.weight holds Infinity"
  })
  void weightsThatAreNotFiniteAreRefusedByName(String name, float value, String fault)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(TestModels.weights(network, 41).tensors());
    float[] values = tensors.get(name).toFloats();
    values[values.length - 1] = value;
    tensors.put(name, Tensor.of(values, tensors.get(name).shape()));
    ModelBundle bundle =
        bundle(ProgramWriter.portable(network, new StateDict(tensors), Normalization.IMAGENET));
    assertThatThrownBy(() -> loader(bundle).load(Precision.FP32))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "%s can't be used: %s; copy the bundle again, or train it again"
                .formatted(new Path(bundle.directory(), ModelBundle.MODEL_FILE), fault));
  }

  @ParameterizedTest
  @EnumSource
  void anInt8ProgramWrittenAnewIsTheOneThatIsFiled(CpuTarget target) throws IOException {
    Path out = TinyModel.publishInt8(new Path(directory.resolve("int8").toString()), target, 43);
    ModelBundle bundle = ModelBundle.open(CONF, out);
    byte[] filed = java.nio.file.Files.readAllBytes(directory.resolve("int8/model.pt"));
    java.nio.file.Path again =
        ProgramWriter.temporary(loader(bundle).int8(ModelBundle.MODEL_FILE, 16));
    assertThat(java.nio.file.Files.readAllBytes(again)).isEqualTo(filed);
    java.nio.file.Files.delete(again);
  }

  private static ProgramLoader loader(ModelBundle bundle) {
    return new ProgramLoader(bundle, CONF, CpuPolicy.ADAPT);
  }

  @Test
  void thePortableProgramWrittenAnewIsTheOneThatIsFiled() throws IOException {
    ModelBundle bundle =
        bundle(
            ProgramWriter.portable(
                network, TestModels.weights(network, 44), Normalization.IMAGENET));
    java.nio.file.Path again =
        ProgramWriter.temporary(loader(bundle).floats(Precision.PORTABLE, 1));
    assertThat(again).hasSameBinaryContentAs(directory.resolve("bundle/model.pt"));
    java.nio.file.Files.delete(again);
  }

  @Test
  void theWeightsOfAnotherNetworkAreRefusedByName() throws IOException {
    Network other = ResNet.RESNET18.network(3);
    ModelBundle bundle =
        bundle(
            ProgramWriter.portable(other, TestModels.weights(other, 45), Normalization.IMAGENET));
    assertThatThrownBy(() -> loader(bundle).load(Precision.FP32))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            bundle.directory()
                + "/model.pt is no resnet18 of 2 classes: its fc.weight is FLOAT32[3, 512], not"
                + " FLOAT32[2, 512]; copy the bundle again");
  }

  @Test
  void aFileThatWasAlteredIsRefusedByName() throws IOException {
    ModelBundle bundle =
        bundle(
            ProgramWriter.portable(
                network, TestModels.weights(network, 46), Normalization.IMAGENET));
    java.nio.file.Path model = directory.resolve("bundle/model.pt");
    byte[] bytes = java.nio.file.Files.readAllBytes(model);
    bytes[bytes.length / 2] ^= 1;
    java.nio.file.Files.write(model, bytes);
    java.nio.file.Files.deleteIfExists(directory.resolve("bundle/.model.pt.crc"));
    assertThatThrownBy(() -> loader(bundle).load(Precision.FP32))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            bundle.directory()
                + "/model.pt was altered or damaged since it was published (its SHA-256 is not the"
                + " one in the manifest): copy the artifact again, or recreate it");
    java.nio.file.Files.write(model, java.util.Arrays.copyOf(bytes, bytes.length - 1));
    assertThatThrownBy(() -> ModelBundle.open(CONF, bundle.directory()))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("model.pt has %d bytes, but had %d", bytes.length - 1, bytes.length);
    java.nio.file.Files.delete(model);
    assertThatThrownBy(() -> ModelBundle.open(CONF, bundle.directory()))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("model.pt is missing, but had");
  }

  @ParameterizedTest
  @CsvSource({
    "preprocessing.cropSize, 20000, a whole number from 1 to 4096",
    "preprocessing.cropSize, 16, a whole number from 32 to 1024",
    "preprocessing.cropSize, -1, a whole number from 1 to 4096",
    "preprocessing.cropSize, 9999999999999, a whole number below 2^31",
    "preprocessing.cropSize, 64.5, a whole number",
    "preprocessing.cropSize, '[64]', a whole number",
    "preprocessing.cropSize, null, a whole number",
    "preprocessing.resizeSize, 31, a whole number from 32 (cropSize) to 4096",
    "preprocessing.resizeSize, 5000, a whole number from 32 (cropSize) to 4096",
    "preprocessing.interpolation, '\"lanczos\"', 'one of bilinear, bicubic'",
    "preprocessing.normalization.mean, '[0.5, 0.5]', three numbers from 0 to 1",
    "preprocessing.normalization.mean, '[0.5, 0.5, 123.0]', three numbers from 0 to 1",
    "preprocessing.normalization.mean, 0.5, a list",
    "preprocessing.normalization.std, '[0.2, 0, 0.2]', three numbers from 0.001 to 1000",
    "preprocessing.normalization.std, '[0.2, -1, 0.2]', three numbers from 0.001 to 1000",
    "preprocessing.normalization.std, '[0.2, \"NaN\", 0.2]', a number",
    "network, '\"resnet9000\"', one of resnet18",
    "network, 18, a text",
    "precision, '\"int4\"', 'one of fp32, int8'",
  })
  void aValueThatNoBundleHasIsRefusedByName(String key, String json, String rule)
      throws IOException {
    ModelBundle bundle =
        bundle(
            ProgramWriter.portable(
                network, TestModels.weights(network, 47), Normalization.IMAGENET));
    Map<String, Object> settings = new java.util.TreeMap<>(bundle.manifest().settings());
    settings.put(
        key, new com.fasterxml.jackson.databind.ObjectMapper().readValue(json, Object.class));
    Manifest forged =
        Manifest.of("model", Map.of(), settings, Map.of()).withFiles(bundle.manifest().files());
    java.nio.file.Files.writeString(directory.resolve("bundle/manifest.json"), forged.toJson());
    java.nio.file.Files.deleteIfExists(directory.resolve("bundle/.manifest.json.crc"));
    assertThatThrownBy(() -> ModelBundle.open(CONF, bundle.directory()))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("manifest.json: '" + key + "' is ")
        .hasMessageContaining("but must be " + rule)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {ModelBundle.MODEL_FILE, ModelBundle.VARIANT_FILE})
  void anAlteredInt8ProgramIsRefusedByName(String name) throws IOException {
    ForgedBundle damaged = forgedInt8();
    damaged.flip(name);
    assertThatThrownBy(() -> loader(open(damaged)).int8(name, 16))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "file:%s was altered or damaged since it was published (its SHA-256 is not the one in the manifest): copy the artifact again, or recreate it"
                .formatted(damaged.file(name)));
  }

  @ParameterizedTest
  @CsvSource({
    "int8_conv1.0, 0, is missing",
    "int8_conv1.0, 1, 'is FLOAT32[1], not INT8[64, 3, 7, 7]'",
    "int8_layer4_1_conv2.1, 0, is missing",
    "int8_layer4_1_conv2.1, 1, 'is FLOAT32[1], not FLOAT32[512]'",
    "float_layer1_0_conv1.1, 1, 'is FLOAT32[1], not FLOAT32[64]'",
    "int8_fc.bias, 0, is missing",
    "activations.nodes, 0, is missing",
    "activations.scales, 0, is missing",
    "activations.zero_points, 1, 'is FLOAT32[1], not INT64[%d]'",
  })
  void int8TensorsOfAnotherShapeAreRefusedByName(String name, int length, String fault)
      throws IOException {
    Map<String, Tensor> tensors = int8Tensors();
    String rule = fault.formatted(tensors.get("activations.nodes").elements());
    if (length == 0) {
      tensors.remove(name);
    } else {
      tensors.put(name, Tensor.of(new float[length], length));
    }
    assertNotWhatQuantizeWrites(tensors, name + " " + rule);
  }

  @ParameterizedTest
  @CsvSource({
    "NaN, activations.scales holds NaN",
    "0, 'a scale is positive and finite, not 0.0'",
    "-1, 'a scale is positive and finite, not -1.0'",
  })
  void scalesThatMapNothingAreRefused(float scale, String fault) throws IOException {
    Map<String, Tensor> tensors = int8Tensors();
    float[] scales = tensors.get("activations.scales").toFloats();
    scales[0] = scale;
    tensors.put("activations.scales", Tensor.of(scales, scales.length));
    assertNotWhatQuantizeWrites(tensors, fault);
  }

  @Test
  void anIntegerLayerWithoutAScaleIsRefusedByName() throws IOException {
    Map<String, Tensor> tensors = int8Tensors();
    long[] nodes = new long[(int) tensors.get("activations.nodes").elements()];
    tensors.get("activations.nodes").bytes().asLongBuffer().get(nodes);
    nodes[1] = nodes[0];
    tensors.put("activations.nodes", Tensor.of(nodes, nodes.length));
    assertNotWhatQuantizeWrites(
        tensors, "layer1.1.conv1 computes in integers, but what it reads or writes has no scale");
  }

  private void assertNotWhatQuantizeWrites(Map<String, Tensor> tensors, String fault)
      throws IOException {
    ForgedBundle forged = forgedInt8();
    forged.replaceTensors(ModelBundle.MODEL_FILE, new StateDict(tensors));
    assertThatThrownBy(() -> loader(open(forged)).int8(ModelBundle.MODEL_FILE, 16))
        .isInstanceOf(OctavoException.class)
        .hasMessage(
            "file:%s is not what quantize writes for resnet18: %s; copy the bundle again, or run quantize again"
                .formatted(forged.file(ModelBundle.MODEL_FILE), fault));
  }

  private ForgedBundle forgedInt8() throws IOException {
    return new ForgedBundle(int8, directory.resolve("forged"));
  }

  private static ModelBundle open(ForgedBundle bundle) throws IOException {
    return ModelBundle.open(CONF, new Path(bundle.file("").toString()));
  }

  private static Map<String, Tensor> int8Tensors() throws IOException {
    java.nio.file.Path file = int8.resolve(ModelBundle.MODEL_FILE);
    return new LinkedHashMap<>(TorchScriptReader.readPacked(file, "model").tensors());
  }
}
