package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.inference.TinyModel;
import dev.octavo.network.Node;
import dev.octavo.onnx.OnnxGraph;
import dev.octavo.onnx.OnnxReader;
import dev.octavo.program.Layer;
import dev.octavo.program.QuantParams;
import dev.octavo.program.QuantizedNetwork;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExportCommandTest {
  private static final Configuration CONF = new Configuration();

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private @TempDir Path work;

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  private ModelBundle floatModel() throws IOException {
    return ModelBundle.open(
        CONF, TinyModel.publish(hadoop(work.resolve("model")), List.of("kitchen", "sauna"), 31));
  }

  private ModelBundle int8Model(CpuTarget target) throws IOException {
    return ModelBundle.open(CONF, TinyModel.publishInt8(hadoop(work.resolve("int8")), target, 32));
  }

  private int run(ModelBundle model, Path file, String... options) {
    List<String> arguments = new ArrayList<>(List.of("export", "--model"));
    arguments.add(model.directory().toString());
    arguments.addAll(List.of("--out", file.toUri().toString()));
    arguments.addAll(List.of(options));
    return Octavo.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments.toArray(String[]::new));
  }

  private Path exported(ModelBundle model, String... options) {
    Path file = work.resolve("exported");
    assertThat(run(model, file, options)).as(errors()).isZero();
    return file;
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pth", "safetensors"})
  void aStateDictIsTheBundles(String format) throws IOException {
    ModelBundle model = floatModel();
    Path file = exported(model, "--format", format);
    assertThat(WeightFiles.read(file)).isEqualTo(model.stateDict(CONF));
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo("export: %s (%,d bytes)%n".formatted(hadoop(file), Files.size(file)));
  }

  @Test
  void aFloatModelComesBackFromOnnx() throws IOException {
    ModelBundle model = floatModel();
    StateDict state = model.stateDict(CONF);
    StateDict read =
        WeightImport.into(
                model.network(),
                WeightFiles.read(exported(model)),
                0,
                WeightImport.Policy.REQUIRE_ALL)
            .state();
    state
        .tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.endsWith("num_batches_tracked")) {
                assertThat(read.tensor(name)).as(name).isEqualTo(tensor);
              }
            });
  }

  @Test
  void onnxSaysHowToRunIt() throws IOException {
    OnnxGraph graph = OnnxReader.read(exported(floatModel()));
    assertThat(graph.inputs()).hasToString("[UINT8[N, 64, 64, 3]]");
    assertThat(graph.outputs()).hasToString("[FLOAT32[N, 2], FLOAT32[N, 512]]");
    assertThat(graph.metadata())
        .containsOnly(
            Map.entry("classes", "kitchen\nsauna"),
            Map.entry("network", "resnet18"),
            Map.entry("precision", "fp32"),
            Map.entry("preprocessing.cropSize", "64"),
            Map.entry("preprocessing.resizeSize", "73"),
            Map.entry("preprocessing.interpolation", "bilinear"),
            Map.entry("preprocessing.normalization.mean", "[0.485, 0.456, 0.406]"),
            Map.entry("preprocessing.normalization.std", "[0.229, 0.224, 0.225]"));
  }

  @ParameterizedTest
  @EnumSource
  void anInt8ModelHasItsOwnCodesAndScales(CpuTarget target) throws IOException {
    ModelBundle model = int8Model(target);
    QuantizedNetwork network = model.quantizedNetwork(CONF);
    OnnxGraph graph = OnnxReader.read(exported(model));
    for (Node.Conv c : network.network().convolutions()) {
      Tensor weight = graph.initializers().get(c.name() + ".weight");
      if (network.isFloat(c)) {
        assertThat(weight.toFloats()).isEqualTo(network.floatConvolutions().get(c.name()).weight());
      } else {
        QuantizedNetwork.Conv conv = network.convolutions().get(c.name());
        assertThat(weight).isEqualTo(Tensor.of(conv.weight(), c.weightShape()));
        assertThat(graph.initializers().get(c.name() + ".weight.scale").toFloats())
            .isEqualTo(conv.scale());
      }
    }
    assertThat(quantizations(graph))
        .containsExactlyInAnyOrderElementsOf(
            network.graph().layers().stream()
                .filter(layer -> !network.isFloat(layer.output()))
                .filter(layer -> layer.hasOwnRange() || layer instanceof Layer.MaxPool)
                .flatMap(layer -> mappings(network, layer).stream())
                .toList());
    assertThat(graph.metadata()).containsEntry("precision", "int8").containsKey("classes");
  }

  private static List<QuantParams> mappings(QuantizedNetwork network, Layer layer) {
    List<QuantParams> mappings = new ArrayList<>();
    if (layer instanceof Layer.Convolution c
        && c.accumulates()
        && network.branch(c) != null
        && !network.isFloat(c.conv())) {
      mappings.add(network.branch(c));
    }
    mappings.add(network.mapping(layer.output()));
    return mappings;
  }

  private static List<QuantParams> quantizations(OnnxGraph graph) {
    return graph.nodes().stream()
        .filter(node -> node.operator().equals("QuantizeLinear"))
        .map(
            node ->
                new QuantParams(
                    graph.initializers().get(node.inputs().get(1)).toFloats()[0],
                    graph.initializers().get(node.inputs().get(2)).bytes().get(0) & 0xff))
        .collect(Collectors.toList());
  }

  @Test
  void aStateDictHoldsNoIntegers() throws IOException {
    ModelBundle model = int8Model(CpuTarget.AVX2);
    Path file = work.resolve("int8.pth");
    assertThat(run(model, file, "--format", "pth")).isEqualTo(2);
    assertThat(errors())
        .contains("is quantized, which a state dict can't hold: export it as onnx, or export the")
        .satisfies(text -> assertThat(text.lines()).hasSize(1));
    assertThat(file).doesNotExist();
  }

  @Test
  void nothingOfTheBundleIsReplaced() throws IOException {
    ModelBundle model = floatModel();
    assertThat(run(model, work.resolve("model/model.pt"))).isEqualTo(2);
    assertThat(errors()).contains("model.pt lies within --model ");
    assertThat(model.stateDict(CONF).names()).isNotEmpty();
    assertThat(run(model, work)).isEqualTo(2);
    assertThat(errors()).contains(" is a directory: name the file that --out is to be");
  }
}
