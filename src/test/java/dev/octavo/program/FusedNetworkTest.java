package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Activation;
import dev.octavo.network.Architectures;
import dev.octavo.network.BatchNorm;
import dev.octavo.network.Geometry;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is fused, what isn't, and that the same comes out. */
class FusedNetworkTest {
  private static final LoadedProgram.Mode INFERENCE = LoadedProgram.Mode.INFERENCE;

  private static Node.Conv conv(String name, int input, int in, Geometry g, Activation a) {
    return new Node.Conv(name, BatchNorm.of(name + ".bn"), input, in, 8, g, a);
  }

  private static Network network(Node... nodes) {
    List<Node> all = new ArrayList<>(List.of(nodes));
    all.add(new Node.GlobalAveragePool(all.size() - 1));
    all.add(new Node.Linear("fc", all.size() - 1, 8, 3));
    return new Network("small", 3, all);
  }

  private static List<String> names(Network network) {
    return FusedNetwork.of(network).layers().stream().map(Layer::name).toList();
  }

  private static final Node STEM = conv("stem", Node.PIXELS, 3, Geometry.of(3, 2), Activation.RELU);

  @Test
  void everySumOfAResNetIsTakenOverByAConvolution() {
    FusedNetwork graph = FusedNetwork.of(ResNet.RESNET50.network(2));
    assertThat(graph.rangedLayers()).hasSize(53).allMatch(Layer.Convolution.class::isInstance);
    assertThat(graph.convolutions().stream().filter(Layer.Convolution::accumulates)).hasSize(16);
  }

  @Test
  void aSumWhoseBranchHasAnActivationStaysByItself() {
    assertThat(
            names(
                network(
                    STEM,
                    conv("branch", 0, 8, Geometry.of(3, 1), Activation.RELU),
                    new Node.Add(1, 0, Activation.NONE))))
        .startsWith("stem", "branch", "sum 2");
  }

  @Test
  void aConvolutionCannotWriteOverWhatItReads() {
    assertThat(
            names(
                network(
                    STEM,
                    conv("branch", 0, 8, Geometry.of(1, 1), Activation.NONE),
                    new Node.Add(1, 0, Activation.RELU))))
        .startsWith("stem", "branch", "sum 2");
  }

  @Test
  void aShortcutThatIsReadLaterIsNotWrittenOver() {
    assertThat(
            names(
                network(
                    STEM,
                    conv("first", 0, 8, Geometry.of(3, 1), Activation.RELU),
                    conv("second", 1, 8, Geometry.of(3, 1), Activation.NONE),
                    new Node.Add(2, 0, Activation.RELU),
                    new Node.Add(3, 0, Activation.RELU))))
        .startsWith("stem", "first", "second", "sum 3", "sum 4");
  }

  /** Sums within sums, and branches that wait for others: in whatever order, the same logits. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void fusedNetworksOfRandomShapeComputeWhatThePortableOnesDo(long seed) throws IOException {
    Network network = RandomNetworks.of(seed);
    StateDict state = TestModels.weights(network, seed);
    FoldedNetwork folded = FoldedNetwork.of(network, state, Normalization.IMAGENET);
    Tensor images = TestModels.images(2, 32, seed);
    float[] expected =
        run(out -> PortableProgram.write(network, state, Normalization.IMAGENET, out), images);
    float[] fp32 =
        run(out -> FusedProgram.write(folded, new InputShape(32, 2), Precision.FP32, out), images);
    assertThat(SignalToNoise.of(expected, fp32).decibels()).isGreaterThan(90);
    assumeThat(CpuFeatures.current().runsBfloat16()).as("AVX-512 or aarch64").isTrue();
    float[] bf16 =
        run(out -> FusedProgram.write(folded, new InputShape(32, 2), Precision.BF16, out), images);
    assertThat(SignalToNoise.of(expected, bf16).decibels()).isGreaterThan(20);
  }

  /** Each is right to within the steps of its codes. */
  @ParameterizedTest
  @EnumSource
  void integersAreActivatedToo(Activation activation) throws IOException {
    Network network =
        network(STEM, conv("last", 0, 8, Geometry.of(3, 1).withGroups(4), activation));
    StateDict state = TestModels.weights(network, 5);
    FoldedNetwork folded = FoldedNetwork.of(network, state, Normalization.IMAGENET);
    Tensor images = TestModels.images(2, 32, 6);
    QuantizedNetwork quantized = Int8ProgramTest.quantized(folded, images, 32);
    float[] expected =
        run(out -> PortableProgram.write(network, state, Normalization.IMAGENET, out), images);
    float[] actual =
        run(
            out -> Int8Program.write(quantized, Int8Operators.ONEDNN, new InputShape(32, 2), out),
            images);
    assertThat(SignalToNoise.of(expected, actual).decibels()).isGreaterThan(25);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertThatWriting(
      Network network, Int8Operators operators) throws IOException {
    FoldedNetwork folded =
        FoldedNetwork.of(network, TestModels.weights(network, 5), Normalization.IMAGENET);
    QuantizedNetwork quantized = Int8ProgramTest.quantized(folded, TestModels.images(1, 32, 6), 32);
    InputShape shape = new InputShape(32, 1);
    return assertThatThrownBy(
        () -> Int8Program.write(quantized, operators, shape, new ByteArrayOutputStream()));
  }

  @Test
  void aPoolOfThePixelsIsRefusedByNameInIntegers() throws IOException {
    Network network =
        network(
            new Node.MaxPool(Node.PIXELS, 2, 2, 0),
            conv("first", 0, 3, Geometry.of(3, 1), Activation.RELU));
    assertThatWriting(network, Int8Operators.ONEDNN)
        .hasMessageStartingWith("max pool 0 of small reads the pixels otherwise than");
  }

  @Test
  void channelsThatOldCpusGetWrongAreRefusedByName() throws IOException {
    Network network =
        new Network(
            "odd",
            3,
            List.of(
                new Node.Conv(
                    "stem",
                    BatchNorm.of("stem.bn"),
                    Node.PIXELS,
                    3,
                    10,
                    Geometry.of(3, 1),
                    Activation.RELU),
                new Node.GlobalAveragePool(0),
                new Node.Linear("fc", 1, 10, 3)));
    assertThatWriting(network, Int8Operators.ONEDNN)
        .hasMessage(
            "stem of odd writes 10 channels, no multiple of 4: there is no int8 program for it");
  }

  /** ReLU6 in codes that reach beyond 6, as those of a tensor that was silent in calibration. */
  @ParameterizedTest
  @EnumSource
  void reluSixIsCutOffAtSixWhateverTheScale(Int8Operators operators) throws IOException {
    Network network = network(STEM, conv("last", 0, 8, Geometry.of(3, 1), Activation.RELU6));
    StateDict state = TestModels.weights(network, 5);
    FoldedNetwork folded = FoldedNetwork.of(network, state, Normalization.IMAGENET);
    Tensor images = TestModels.images(2, 32, 6);
    QuantizedNetwork narrow = Int8ProgramTest.quantized(folded, operators, images, 32);
    QuantizedNetwork wide =
        new QuantizedNetwork(
            narrow.graph(),
            narrow.convolutions(),
            Map.of(0, narrow.activations().get(0), 1, new QuantParams(0.1f, 0)),
            Map.of(),
            narrow.dense(),
            Normalization.IMAGENET);
    float[] expected =
        run(out -> PortableProgram.write(network, state, Normalization.IMAGENET, out), images);
    float[] actual =
        run(out -> Int8Program.write(wide, operators, new InputShape(32, 2), out), images);
    assertThat(SignalToNoise.of(expected, actual).decibels()).isGreaterThan(25);
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnext50_32x4d", "mobilenet_v2"})
  void narrowNetworksAreTheSameInIntegersAsANaiveReference(String id) throws IOException {
    Network network = NarrowNetworks.of(Architectures.of(id).network(16), 8);
    for (Int8Operators operators : Int8Operators.values()) {
      Int8ProgramTest.compareWithReference(network, 31, operators);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 8, 12, 20, 24, 40})
  void aStridedPointwiseConvolutionOverAnyNumberOfChannelsIsTheSameEachTime(int channels)
      throws IOException {
    Network network =
        new Network(
            "strided",
            3,
            List.of(
                new Node.Conv(
                    "stem",
                    BatchNorm.of("stem.bn"),
                    Node.PIXELS,
                    3,
                    channels,
                    Geometry.of(3, 1),
                    Activation.RELU),
                new Node.Conv(
                    "strided",
                    BatchNorm.of("strided.bn"),
                    0,
                    channels,
                    64,
                    Geometry.of(1, 2),
                    Activation.RELU),
                new Node.GlobalAveragePool(1),
                new Node.Linear("fc", 2, 64, 3)));
    for (Int8Operators operators : Int8Operators.values()) {
      Int8ProgramTest.compareWithReference(network, 7, operators);
      computesTheSameEachTime(network, operators);
    }
  }

  private static void computesTheSameEachTime(Network network, Int8Operators operators)
      throws IOException {
    FoldedNetwork folded =
        FoldedNetwork.of(network, TestModels.weights(network, 7), Normalization.IMAGENET);
    for (int size : new int[] {2, 4, 8, 14}) {
      Tensor images = TestModels.images(2, size, 8);
      QuantizedNetwork quantized = Int8ProgramTest.quantized(folded, operators, images, size);
      InputShape shape = new InputShape(size, 2);
      try (LoadedProgram program =
          TestModels.load(out -> Int8Program.write(quantized, operators, shape, out), INFERENCE)) {
        float[] first = TestModels.logits(program, images);
        for (int i = 0; i < 300; i++) { // what lies beyond a tensor is often zero
          assertThat(TestModels.logits(program, images))
              .as("%s, size %d", operators, size)
              .isEqualTo(first);
        }
      }
    }
  }

  private static float[] run(TestModels.Writer writer, Tensor images) throws IOException {
    try (LoadedProgram program = TestModels.load(writer, INFERENCE)) {
      return TestModels.logits(program, images);
    }
  }
}
