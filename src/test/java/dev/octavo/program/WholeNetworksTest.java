package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The logits of whole networks in integers, one of each family, against those of a naive reference.
 */
class WholeNetworksTest {
  private static final int SIZE = 32;
  private static final int IMAGES = 2;

  static Stream<Arguments> networks() {
    return Stream.of(
            "regnet_x_400mf",
            "regnet_y_400mf",
            "mobilenet_v3_small",
            "efficientnet_b0",
            "shufflenet_v2_x0_5",
            "googlenet")
        .flatMap(
            id -> Stream.of(Int8Operators.values()).map(operators -> Arguments.of(id, operators)));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void integersGiveTheLogitsOfANaiveReference(String id, Int8Operators operators)
      throws IOException {
    assertReference(Architectures.of(id).network(16), operators);
  }

  static void assertReference(Network network, Int8Operators operators) throws IOException {
    FoldedNetwork folded =
        FoldedNetwork.of(network, TestModels.weights(network, 21), Normalization.IMAGENET);
    Tensor images = TestModels.images(IMAGES, SIZE, 22);
    QuantizedNetwork quantized = Int8ProgramTest.quantized(folded, operators, images, SIZE);
    Int8Reference reference = new Int8Reference(quantized, operators);
    byte[] pixels = new byte[SIZE * SIZE * 3];
    float[] expected = new float[IMAGES * network.classes()];
    for (int i = 0; i < IMAGES; i++) {
      images.bytes().get(i * pixels.length, pixels);
      double[] logits = reference.logits(pixels, SIZE);
      for (int k = 0; k < logits.length; k++) {
        expected[i * logits.length + k] = (float) logits[k];
      }
    }
    InputShape shape = new InputShape(SIZE, IMAGES);
    try (LoadedProgram program =
        TestModels.load(
            out -> Int8Program.write(quantized, operators, shape, out),
            LoadedProgram.Mode.INFERENCE)) {
      assertThat(SignalToNoise.of(expected, TestModels.logits(program, images)).decibels())
          .isGreaterThan(30);
    }
  }
}
