package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.octavo.bundle.CpuTarget;
import dev.octavo.export.Export;
import dev.octavo.export.ExportSettings;
import dev.octavo.inference.TinyModel;
import dev.octavo.network.Architecture;
import dev.octavo.network.ResNet;
import dev.octavo.program.TestModels;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.Opcode;
import dev.octavo.torchscript.Pickles;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightFilesTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that import refuses, each in one line that says what it is and what to do. */
class RefusedImportsTest {
  private static final StateDict STATE = state(ResNet.RESNET18);

  private @TempDir Path work;

  /** Makes what is imported; returns it. */
  @FunctionalInterface
  private interface Maker {
    Path make(Path directory) throws IOException;
  }

  private static Arguments file(String kind, String message, Maker maker) {
    return arguments(kind, maker, message);
  }

  private static StateDict state(Architecture network) {
    return TestModels.weights(network.network(3), 21);
  }

  private static Path write(Path directory, byte[] bytes) throws IOException {
    return Files.write(directory.resolve("weights.pth"), bytes);
  }

  private static Path write(Path directory, String text) throws IOException {
    return write(directory, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Path pth(Path directory, StateDict state) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WeightFiles.writePth(state, bytes);
    return write(directory, bytes.toByteArray());
  }

  private static Path pthWith(Path directory, Consumer<Map<String, Tensor>> change)
      throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(STATE.tensors());
    change.accept(tensors);
    return pth(directory, new StateDict(tensors));
  }

  private static Path pthOf(Path directory, Predicate<String> names) throws IOException {
    return pthWith(directory, tensors -> tensors.keySet().removeIf(names.negate()));
  }

  private static Path pthWith(Path directory, String name, float value) throws IOException {
    return pthWith(
        directory,
        tensors -> {
          float[] values = tensors.get(name).toFloats();
          values[1] = value;
          tensors.put(name, Tensor.of(values, tensors.get(name).shape()));
        });
  }

  private static Path halfOf(Path file) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    return Files.write(file, java.util.Arrays.copyOf(whole, whole.length / 2));
  }

  private static Path safetensors(Path directory) throws IOException {
    Path file = directory.resolve("weights.safetensors");
    try (OutputStream out = Files.newOutputStream(file)) {
      WeightFiles.writeSafetensors(STATE, out);
    }
    return file;
  }

  static Stream<Arguments> files() {
    return Stream.of(
        file(
            "another network",
            "the weights do not fit resnet18: layer1.0.conv1.weight is [64, 64, 1, 1] in the file"
                + " but [64, 64, 3, 3] in resnet18 (and 23 more tensors differ); they are those of"
                + " --network resnet50",
            d -> pth(d, state(ResNet.RESNET50))),
        file(
            "a deeper network",
            "the weights are not those of a resnet18, which has no layer1.2.conv1.weight, ",
            d -> pth(d, state(ResNet.RESNET34))),
        file(
            "half of the tensors",
            "52 of the 102 tensors of resnet18 are missing in the weights: layer3.0.conv1.weight, ",
            d -> pthOf(d, name -> name.compareTo("layer3") < 0 && !name.startsWith("fc"))),
        file(
            "nothing of the network",
            "none of the 62 parameters of resnet18 are in the weights, which have encoder.bias:"
                + " choose the --network that they were trained with",
            d -> pth(d, new StateDict(Map.of("encoder.bias", Tensor.of(new float[2], 2))))),
        file(
            "another number of classes",
            "the weights tell 1000 classes apart (fc.weight), but 3 are named",
            d -> pth(d, TestModels.weights(ResNet.RESNET18.network(1000), 2))),
        file(
            "biases that the network lacks",
            "the weights are not those of a resnet18, which has no conv1.bias",
            d -> pthWith(d, tensors -> tensors.put("conv1.bias", Tensor.of(new float[64], 64)))),
        file(
            "a pickle that calls",
            "it refers to the Python global 'posix system', which is refused",
            d ->
                write(
                    d,
                    Pickles.protocol2()
                        .global("posix", "system")
                        .string("touch owned")
                        .op(Opcode.TUPLE1, Opcode.REDUCE)
                        .stop())),
        file(
            "a whole module",
            "the Python global 'torch.nn.modules.linear Linear'",
            d -> WeightFilesTest.fixture("module.pth")),
        file(
            "a truncated zip",
            "the zip archive cannot be read (truncated?)",
            d -> halfOf(pth(d, STATE))),
        file("truncated safetensors", "(truncated?)", d -> halfOf(safetensors(d))),
        file(
            "a zip bomb",
            "zip bomb? Entry 'archive/data/0' declares 90000000 bytes",
            d ->
                Pickles.zip(
                    d.resolve("bomb.pth"),
                    ZipOutputStream.DEFLATED,
                    Pickles.entries(Pickles.protocol2().op(Opcode.EMPTY_DICT).stop(), 90_000_000))),
        file(
            "a zip with a weight file in it",
            "unpack it and name 'resnet18.pth'",
            d ->
                Pickles.zip(
                    d.resolve("w.zip"),
                    ZipOutputStream.STORED,
                    Map.of("resnet18.pth", new byte[9]))),
        file("an empty file", "it is empty (truncated?)", d -> write(d, "")),
        file("a web page", "it is a web page", d -> write(d, "<!DOCTYPE html><html>")),
        file(
            "a pointer of Git LFS",
            "fetch that with git lfs pull",
            d -> write(d, "version https://git-lfs.github.com/spec/v1\noid sha256:0")),
        file("a packed archive", "it is a packed archive", d -> write(d, "\u001f\u008b\b")),
        file("a text", "it is neither a .pth of torch.save", d -> write(d, "conv1.weight: 0.1")),
        file("a directory", "is a directory: name the weight file in it", d -> d),
        file("nothing at all", "does not exist (option --weights)", d -> d.resolve("absent.pth")),
        file(
            "NaN",
            "layer2.0.bn1.bias holds NaN in the weights",
            d -> pthWith(d, "layer2.0.bn1.bias", Float.NaN)),
        file(
            "a negative variance",
            "bn1.running_var holds the negative variance -1.0",
            d -> pthWith(d, "bn1.running_var", -1)),
        file(
            "integers",
            "conv1.weight is of type INT8 in the weights, but floating-point weights are needed",
            d ->
                pthWith(
                    d,
                    tensors ->
                        tensors.put("conv1.weight", Tensor.of(new byte[64 * 147], 64, 3, 7, 7)))),
        file(
            "a quantized program",
            "keeps its weights packed, as quantized programs do: take the floating-point model",
            d -> {
              TinyModel.publishInt8(hadoop(d.resolve("int8")), CpuTarget.AVX2, 3);
              return d.resolve("int8/model.pt");
            }),
        file(
            "a quantized ONNX model",
            "it is a quantized model (it has a DequantizeLinear): take the floating-point model",
            d -> onnx(d, TinyModel.publishInt8(hadoop(d.resolve("int8")), CpuTarget.AVX2, 3))),
        file(
            "a truncated ONNX model",
            "(truncated?)",
            d -> halfOf(onnx(d, TinyModel.publish(hadoop(d.resolve("m")), List.of("a"), 3)))));
  }

  private static Path onnx(Path directory, org.apache.hadoop.fs.Path bundle) throws IOException {
    Path file = directory.resolve("model.onnx");
    new Export(
            new Configuration(),
            new ExportSettings(bundle, ExportSettings.Format.ONNX, hadoop(file)))
        .execute();
    return file;
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void isRefusedInOneLine(String kind, Maker maker, String message) throws IOException {
    String classes = Files.writeString(work.resolve("classes.txt"), "a\nb\nc").toUri().toString();
    Path out = Files.createDirectory(work.resolve("out"));
    assertThat(run(maker.make(work), classes, out.resolve("model"), message)).isNotZero();
    try (Stream<Path> left = Files.list(out)) {
      assertThat(left).as("what a refused import leaves").isEmpty();
    }
    assertThat(Path.of("owned")).doesNotExist();
  }

  @ParameterizedTest
  @MethodSource("lists")
  void aListOfClassesThatIsNoneIsRefused(String text, String message) throws IOException {
    String classes = Files.writeString(work.resolve("classes.txt"), text).toUri().toString();
    assertThat(run(pth(work, STATE), classes, work.resolve("model"), message)).isEqualTo(2);
  }

  static Stream<Arguments> lists() {
    return Stream.of(
        arguments("", "the list of classes "),
        arguments("a\nb\na\n", "line 3: 'a' is there twice; it must hold one name a line"),
        arguments("a\n\nb\n", "line 2: there is no name; it must hold one name a line"));
  }

  /** Runs the import and requires its only line of errors to hold the message. */
  private static int run(Path weights, String classes, Path out, String message) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exitCode =
        Octavo.run(
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            "import",
            "--weights",
            weights.toUri().toString(),
            "--network",
            "resnet18",
            "--classes",
            classes,
            "--out",
            out.toUri().toString());
    assertThat(err.toString(StandardCharsets.UTF_8).lines()).hasSize(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(message);
    return exitCode;
  }
}
