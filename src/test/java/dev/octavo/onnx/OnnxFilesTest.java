package dev.octavo.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.protobuf.ProtobufMessage;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.weights.WeightFiles;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxFilesTest {
  private static final Tensor WEIGHT = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1, 1);
  private static final Tensor BIAS = Tensor.of(new float[] {5, 6}, 2);

  @TempDir private Path directory;

  private Path write(OnnxBuilder builder) throws IOException {
    Path file = directory.resolve("model.onnx");
    try (OutputStream out = Files.newOutputStream(file)) {
      builder.writeTo(out);
    }
    return file;
  }

  /** A model whose only initializer is that message. */
  private Path write(ProtobufMessage tensor) throws IOException {
    ProtobufMessage graph = new ProtobufMessage().message(Fields.Graph.INITIALIZER, tensor);
    ProtobufMessage model =
        new ProtobufMessage()
            .integer(Fields.Model.IR_VERSION, 8)
            .message(Fields.Model.GRAPH, graph);
    return Files.write(directory.resolve("model.onnx"), model.toBytes());
  }

  private static OnnxBuilder model() {
    OnnxBuilder builder = new OnnxBuilder("test", "1");
    builder.input("x", DType.FLOAT32, "N", 2, 8, 8);
    return builder;
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    OnnxBuilder builder = model();
    builder.initializer("conv.weight", WEIGHT);
    builder.initializer("conv.bias", BIAS);
    builder.node("Conv", "y", List.of("x", "conv.weight", "conv.bias"));
    builder.output("y", DType.FLOAT32, "N", 2, 8, 8);
    builder.metadata("classes", "a\nb");
    OnnxGraph graph = OnnxReader.read(write(builder));
    assertThat(graph.initializers()).containsEntry("conv.weight", WEIGHT).hasSize(2);
    assertThat(graph.nodes())
        .containsExactly(
            new OnnxGraph.Node(
                "Conv", "y", List.of("x", "conv.weight", "conv.bias"), List.of("y")));
    assertThat(graph.inputs()).hasToString("[FLOAT32[N, 2, 8, 8]]");
    assertThat(graph.outputs()).hasToString("[FLOAT32[N, 2, 8, 8]]");
    assertThat(graph.metadata()).containsOnlyKeys("classes").containsValue("a\nb");
  }

  @ParameterizedTest
  @EnumSource
  void everyElementTypeIsRead(DType dtype) throws IOException {
    Tensor tensor = Tensor.of(dtype, new long[] {3}, ByteBuffer.wrap(new byte[3 * dtype.bytes()]));
    OnnxBuilder builder = model();
    builder.initializer("t", tensor);
    assertThat(OnnxReader.read(write(builder)).initializers()).containsEntry("t", tensor);
  }

  /** As onnx.helper.make_tensor writes them: in a field for each type, packed. */
  @Test
  void valuesInFieldsOfTheirTypeAreRead() throws IOException {
    ByteBuffer floats = ByteBuffer.allocate(8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    floats.putFloat(1).putFloat(-2).flip();
    Path file =
        write(
            new ProtobufMessage()
                .integer(Fields.Tensor.DIMS, 2)
                .integer(Fields.Tensor.DATA_TYPE, 1)
                .bytes(Fields.Tensor.FLOAT_DATA, floats)
                .text(Fields.Tensor.NAME, "t"));
    assertThat(OnnxReader.read(file).initializers())
        .containsEntry("t", Tensor.of(new float[] {1, -2}, 2));
    file =
        write(
            new ProtobufMessage()
                .integer(Fields.Tensor.DIMS, 2)
                .integer(Fields.Tensor.DATA_TYPE, ElementTypes.of(DType.FLOAT16))
                .integer(Fields.Tensor.INT32_DATA, 0x3c00)
                .integer(Fields.Tensor.INT32_DATA, 0xc000)
                .text(Fields.Tensor.NAME, "t"));
    assertThat(OnnxReader.read(file).initializers().get("t").toFloats()).containsExactly(1, -2);
  }

  private static ProtobufMessage external(String location, long offset, long length) {
    ProtobufMessage tensor =
        new ProtobufMessage()
            .integer(Fields.Tensor.DIMS, 2)
            .integer(Fields.Tensor.DATA_TYPE, 1)
            .text(Fields.Tensor.NAME, "conv.bias")
            .integer(Fields.Tensor.DATA_LOCATION, 1);
    return tensor
        .message(Fields.Tensor.EXTERNAL_DATA, entry("location", location))
        .message(Fields.Tensor.EXTERNAL_DATA, entry("offset", String.valueOf(offset)))
        .message(Fields.Tensor.EXTERNAL_DATA, entry("length", String.valueOf(length)));
  }

  private static ProtobufMessage entry(String key, String value) {
    return new ProtobufMessage().text(Fields.Entry.KEY, key).text(Fields.Entry.VALUE, value);
  }

  @Test
  void weightsInAFileBesideTheModelAreRead() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(12).put(4, BIAS.bytes(), 0, 8);
    Files.write(directory.resolve("model.onnx.data"), data.array());
    Path file = write(external("model.onnx.data", 4, 8));
    assertThat(WeightFiles.read(file))
        .isEqualTo(new StateDict(java.util.Map.of("conv.bias", BIAS)));
  }

  @ParameterizedTest
  @CsvSource({
    "../model.onnx.data, which is no file beside the model",
    "/etc/passwd, which is no file beside the model",
    ".hidden, which is no file beside the model",
    "'', which is no file beside the model",
    "absent.data, which is not beside it: put both into one local folder",
    "link.data, which is not beside it: put both into one local folder"
  })
  void otherFilesAreNotOpened(String location, String message) throws IOException {
    Files.createSymbolicLink(directory.resolve("link.data"), Path.of("/etc/passwd"));
    Path file = write(external(location, 0, 8));
    assertThatThrownBy(() -> WeightFiles.read(file))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith("cannot read weights from " + file + ": ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"8, 8", "0, 99", "-1, 8", "0, -8", "9223372036854775807, 8"})
  void aRangeOutsideOfThatFileIsRefused(long offset, long length) throws IOException {
    Files.write(directory.resolve("w.data"), new byte[12]);
    Path file = write(external("w.data", offset, length));
    assertThatThrownBy(() -> OnnxReader.read(file)).isInstanceOf(MalformedFileException.class);
  }

  @Test
  void aTensorThatLiesAboutItsSizeIsRefused() throws IOException {
    ProtobufMessage tensor =
        new ProtobufMessage()
            .integer(Fields.Tensor.DIMS, 1L << 62)
            .integer(Fields.Tensor.DIMS, 4)
            .integer(Fields.Tensor.DATA_TYPE, 1)
            .text(Fields.Tensor.NAME, "t")
            .bytes(Fields.Tensor.RAW_DATA, ByteBuffer.allocate(8));
    Path huge = write(tensor);
    assertThatThrownBy(() -> OnnxReader.read(huge))
        .isInstanceOf(MalformedFileException.class)
        .hasMessageStartingWith("initializer 't' has the shape [4611686018427387904, 4]");
    Path other =
        write(
            new ProtobufMessage()
                .integer(Fields.Tensor.DIMS, 3)
                .integer(Fields.Tensor.DATA_TYPE, 1)
                .text(Fields.Tensor.NAME, "t")
                .bytes(Fields.Tensor.RAW_DATA, ByteBuffer.allocate(8)));
    assertThatThrownBy(() -> OnnxReader.read(other))
        .hasMessage("initializer 't' is FLOAT32[3], which takes 12 bytes, but has 8");
  }

  @Test
  void aTruncatedFileIsRefusedWhereverItEnds() throws IOException {
    OnnxBuilder builder = model();
    builder.initializer("conv.weight", WEIGHT);
    builder.node("Conv", "y", List.of("x", "conv.weight"));
    byte[] whole = Files.readAllBytes(write(builder));
    Path file = directory.resolve("cut.onnx");
    int end = whole.length - new ProtobufMessage().message(8, opset()).toBytes().length;
    for (int length = 0; length < end; length++) {
      Files.write(file, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> WeightFiles.read(file))
          .as("the first %d bytes", length)
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("truncated");
    }
  }

  private static ProtobufMessage opset() {
    return new ProtobufMessage().text(Fields.Opset.DOMAIN, "").integer(Fields.Opset.VERSION, 17);
  }

  /** As PyTorch's exporter leaves a convolution that batch norm was folded into. */
  @Test
  void aTensorWithoutAModulesNameHasThatOfItsNode() throws IOException {
    OnnxBuilder builder = model();
    builder.initializer("onnx::Conv_1", WEIGHT);
    builder.initializer("onnx::Conv_2", BIAS);
    builder.node(
        "Conv", "/layer1/layer1.0/conv1/Conv", List.of("x", "onnx::Conv_1", "onnx::Conv_2"));
    assertThat(WeightFiles.read(write(builder)).tensors())
        .containsOnlyKeys("layer1.0.conv1.weight", "layer1.0.conv1.bias");
  }

  /** As PyTorch's exporter of today leaves out what adds zero, and names shapes. */
  @Test
  void aBiasThatWasLeftOutIsZero() throws IOException {
    OnnxBuilder builder = model();
    builder.initializer("conv1.weight", WEIGHT);
    builder.initializer("conv2.weight", WEIGHT);
    builder.initializer("bn2.bias", BIAS);
    builder.initializer("val_226", Tensor.of(new long[] {1, -1}, 2));
    builder.node("Conv", "y", List.of("x", "conv1.weight"));
    builder.node("Conv", "z", List.of("x", "conv2.weight"));
    builder.node(
        "BatchNormalization", "n", List.of("z", "bn2.bias", "bn2.bias", "bn2.bias", "bn2.bias"));
    Map<String, Tensor> tensors = WeightFiles.read(write(builder)).tensors();
    assertThat(tensors).containsOnlyKeys("conv1.weight", "conv1.bias", "conv2.weight", "bn2.bias");
    assertThat(tensors.get("conv1.bias").toFloats())
        .containsOnly(0)
        .hasSize(BIAS.toFloats().length);
  }

  /** As PyTorch's exporter leaves parameters that are equal. */
  @Test
  void anIdentityOfATensorIsThatTensor() throws IOException {
    OnnxBuilder builder = model();
    builder.initializer("bn1.bias", BIAS);
    builder.node("Identity", "bn2.bias", List.of("bn1.bias"));
    assertThat(WeightFiles.read(write(builder)).tensors())
        .containsEntry("bn1.bias", BIAS)
        .containsEntry("bn2.bias", BIAS);
  }

  @ParameterizedTest
  @CsvSource({
    "/conv1/Conv, conv1",
    "/layer1/layer1.0/downsample/downsample.0/Conv, layer1.0.downsample.0",
    "/features/features.1/conv/conv.0/conv.0.0/Conv, features.1.conv.0.0",
    "/features/features.0/features.0.0/Conv, features.0.0"
  })
  void theModuleIsInTheNodesName(String node, String module) {
    assertThat(OnnxWeights.module(node)).hasValue(module);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Conv_0", "node_conv2d", "/Conv"})
  void otherNamesTellNoModule(String node) {
    assertThat(OnnxWeights.module(node)).isEmpty();
  }

  @Test
  void aQuantizedModelIsNotForItsWeights() throws IOException {
    OnnxBuilder builder = model();
    builder.initializer("scale", Tensor.of(new float[] {1}));
    builder.node("QuantizeLinear", "q", List.of("x", "scale"));
    Path file = write(builder);
    assertThatThrownBy(() -> WeightFiles.read(file))
        .isInstanceOf(OctavoException.class)
        .hasMessageEndingWith(
            "it is a quantized model (it has a QuantizeLinear): take the floating-point model that"
                + " it was made from");
  }
}
