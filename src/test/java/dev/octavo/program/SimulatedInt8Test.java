package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Training that simulates an int8 program, against that program. */
class SimulatedInt8Test {
  private static final int SIZE = 32;
  private static final int IMAGES = 16;

  /** At full width a ResNet-18 with random weights has values near a tie in most images. */
  private static final int NARROWER = 8;

  /**
   * Images whose values are all further from a tie than sums in another order move them (measured:
   * 14 or more, with VNNI and without).
   */
  private static final int ALIKE = IMAGES * 3 / 4;

  private static final int CLASSES = 4;

  static Stream<Arguments> networks() {
    return Stream.concat(
            Stream.of(
                AllKinds.network(CLASSES),
                NarrowNetworks.of(ResNet.RESNET18.network(CLASSES), NARROWER)),
            Stream.of("mobilenet_v3_small", "shufflenet_v2_x0_5")
                .map(id -> Architectures.of(id).network(CLASSES)))
        .flatMap(
            network ->
                Stream.of(Int8Operators.values())
                    .flatMap(
                        operators ->
                            Stream.of(Set.<Integer>of(), Set.of(2))
                                .map(inFloat -> Arguments.of(network, operators, inFloat))));
  }

  /**
   * Both add in another order, so that now and then a value rounds to the next code, which moves
   * others: in a few images, and in all by 30 dB less than what they say, as {@link
   * WholeNetworksTest} allows the program.
   */
  @ParameterizedTest
  @MethodSource("networks")
  void theInt8ProgramComputesWhatTheSimulatedForwardPassComputes(
      Network network, Int8Operators operators, Set<Integer> inFloat) throws IOException {
    StateDict state = TestModels.weights(network, 21);
    FoldedNetwork folded = FoldedNetwork.of(network, state, Normalization.IMAGENET);
    Tensor images = TestModels.images(IMAGES, SIZE, 22);
    QuantizedNetwork quantized =
        Int8ProgramTest.quantized(folded, operators, images, SIZE).withFloat(folded, inFloat);
    float[] int8;
    try (LoadedProgram program =
        TestModels.load(
            out -> Int8Program.write(quantized, operators, new InputShape(SIZE, IMAGES), out),
            LoadedProgram.Mode.INFERENCE)) {
      int8 = TestModels.logits(program, images);
    }
    float[] simulated;
    try (LoadedProgram program =
        simulation(network, state, simulated(operators, quantized), FlatLayout.of(network))) {
      simulated = losses(program, images, network.classes());
    }
    float[] expected = losses(int8, network.classes());
    assertThat(SignalToNoise.of(expected, simulated).decibels()).isGreaterThan(30);
    assertThat(alike(expected, simulated, network.classes())).isGreaterThanOrEqualTo(ALIKE);
  }

  @Test
  void gradientsPassStraightThroughRounding() throws IOException {
    Network network = ResNet.RESNET18.network(3);
    StateDict state = TestModels.weights(network, 1);
    FlatLayout layout = FlatLayout.of(network);
    Tensor images = TestModels.images(4, SIZE, 2);
    FoldedNetwork folded = FoldedNetwork.of(network, state, Normalization.IMAGENET);
    SimulatedInt8 int8 =
        simulated(Int8Operators.ONEDNN, Int8ProgramTest.quantized(folded, images, SIZE));
    float[] expected;
    try (LoadedProgram program =
        TestModels.load(
            out ->
                TrainProgram.write(
                    network,
                    state,
                    layout,
                    new TrainProgram.Options(
                        TrainProgram.BatchNorm.FROZEN, Precision.FP32, Normalization.IMAGENET),
                    out),
            LoadedProgram.Mode.TRAINING)) {
      expected = gradient(program, images);
    }
    try (LoadedProgram program = simulation(network, state, int8, layout)) {
      float[] gradient = gradient(program, images);
      assertThat(cosine(layout, "conv1.weight", gradient, expected)).isGreaterThan(0.95);
      assertThat(cosine(layout, "bn1.weight", gradient, expected)).isGreaterThan(0.95);
      assertThat(cosine(layout, "layer4.1.conv2.weight", gradient, expected)).isGreaterThan(0.95);
      assertThat(cosine(layout, "fc.bias", gradient, expected)).isGreaterThan(0.95);
    }
  }

  private static long alike(float[] expected, float[] actual, int classes) {
    return IntStream.range(0, IMAGES)
        .filter(
            i ->
                IntStream.range(i * classes, (i + 1) * classes)
                    .allMatch(k -> Math.abs(expected[k] - actual[k]) < 1e-4))
        .count();
  }

  private static float[] gradient(LoadedProgram program, Tensor images) {
    Tensor targets = Tensor.of(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0}, 4, 3);
    return program.run("step", images, targets).get(2).toFloats();
  }

  private static double cosine(FlatLayout layout, String name, float[] a, float[] b) {
    FlatLayout.Entry entry =
        layout.parameters().stream().filter(e -> e.name().equals(name)).findFirst().orElseThrow();
    double product = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    for (int i = entry.offset(); i < entry.end(); i++) {
      product += (double) a[i] * b[i];
      squaresOfA += (double) a[i] * a[i];
      squaresOfB += (double) b[i] * b[i];
    }
    return product / Math.sqrt(squaresOfA * squaresOfB);
  }

  private static SimulatedInt8 simulated(Int8Operators operators, QuantizedNetwork quantized) {
    int bits = CpuFeatures.current().sumsBytesExactly() ? 8 : 7;
    return new SimulatedInt8(operators, bits, quantized.activations());
  }

  private static LoadedProgram simulation(
      Network network, StateDict state, SimulatedInt8 int8, FlatLayout layout) throws IOException {
    return TestModels.load(
        out ->
            TrainProgram.write(
                network,
                state,
                layout,
                new TrainProgram.Options(
                    TrainProgram.BatchNorm.FROZEN,
                    Precision.FP32,
                    Normalization.IMAGENET,
                    Optional.of(int8),
                    Optional.empty()),
                out),
        LoadedProgram.Mode.TRAINING);
  }

  /** The loss of each image for each label, {@code [N * classes]}. */
  private static float[] losses(LoadedProgram program, Tensor images, int classes) {
    float[] all = new float[IMAGES * classes];
    for (int k = 0; k < classes; k++) {
      long[] labels = new long[IMAGES];
      Arrays.fill(labels, k);
      List<Tensor> scores = program.run("evaluate", images, Tensor.of(labels, IMAGES));
      DoubleBuffer losses = scores.get(0).bytes().asDoubleBuffer();
      for (int i = 0; i < IMAGES; i++) {
        all[i * classes + k] = (float) losses.get(i);
      }
    }
    return all;
  }

  /** The same of logits. */
  private static float[] losses(float[] logits, int classes) {
    float[] all = new float[logits.length];
    for (int i = 0; i < IMAGES; i++) {
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += Math.exp(logits[i * classes + k]);
      }
      for (int k = 0; k < classes; k++) {
        all[i * classes + k] = (float) (Math.log(sum) - logits[i * classes + k]);
      }
    }
    return all;
  }
}
