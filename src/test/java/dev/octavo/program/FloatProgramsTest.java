package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatProgramsTest {
  private static final int SIZE = 64;
  private static final LoadedProgram.Mode INFERENCE = LoadedProgram.Mode.INFERENCE;

  @ParameterizedTest
  @ValueSource(strings = {"resnet18", "resnet50"})
  void fusedProgramsComputeWhatThePortableOneDoes(String id) throws IOException {
    Network network = Architectures.of(id).network(5);
    StateDict state = TestModels.weights(network, 1);
    FoldedNetwork folded = FoldedNetwork.of(network, state, Normalization.IMAGENET);
    Tensor images = TestModels.images(3, SIZE, 2);
    float[] expected =
        run(out -> PortableProgram.write(network, state, Normalization.IMAGENET, out), images);
    float[] fp32 =
        run(
            out -> FusedProgram.write(folded, new InputShape(SIZE, 16), Precision.FP32, out),
            images);

    assertThat(expected).hasSize(3 * 5);
    // Folding and another order of sums cost float32 a few of its 24 bits (144 dB); bfloat16 has 8.
    assertThat(SignalToNoise.of(expected, fp32).decibels()).isGreaterThan(95);
    assumeThat(CpuFeatures.current().runsBfloat16()).as("AVX-512 or aarch64").isTrue();
    float[] bf16 =
        run(
            out -> FusedProgram.write(folded, new InputShape(SIZE, 16), Precision.BF16, out),
            images);
    assertThat(SignalToNoise.of(expected, bf16).decibels()).isBetween(25.0, 95.0);
  }

  @Test
  void theFusedProgramTakesOtherBatchSizesThanItsWeightsAreLaidOutFor() throws IOException {
    Network network = ResNet.RESNET18.network(4);
    StateDict state = TestModels.weights(network, 3);
    FoldedNetwork folded = FoldedNetwork.of(network, state, Normalization.IMAGENET);
    try (LoadedProgram program =
        TestModels.load(
            out -> FusedProgram.write(folded, new InputShape(SIZE, 16), Precision.FP32, out),
            INFERENCE)) {
      float[] seven = TestModels.logits(program, TestModels.images(7, SIZE, 4));
      float[] one = TestModels.logits(program, TestModels.images(1, SIZE, 4));
      for (int i = 0; i < one.length; i++) {
        assertThat(one[i]).isCloseTo(seven[i], within(1e-3f));
      }
    }
  }

  @Test
  void thePortableProgramTakesDjlsFloatImagesToo() throws IOException {
    Network network = ResNet.RESNET18.network(4);
    StateDict state = TestModels.weights(network, 5);
    Tensor bytes = TestModels.images(2, SIZE, 6);
    try (LoadedProgram program =
        TestModels.load(
            out -> PortableProgram.write(network, state, Normalization.IMAGENET, out), INFERENCE)) {
      float[] fromBytes = TestModels.logits(program, bytes);
      float[] fromFloats = TestModels.logits(program, channelsFirst(bytes));
      for (int i = 0; i < fromBytes.length; i++) {
        assertThat(fromFloats[i]).isCloseTo(fromBytes[i], within(1e-3f));
      }
    }
  }

  @Test
  void theSameWeightsGiveTheSameBytes() throws IOException {
    Network network = ResNet.RESNET18.network(4);
    StateDict state = TestModels.weights(network, 7);
    ByteArrayOutputStream first = new ByteArrayOutputStream();
    ByteArrayOutputStream second = new ByteArrayOutputStream();
    PortableProgram.write(network, state, Normalization.IMAGENET, first);
    PortableProgram.write(network, state, Normalization.IMAGENET, second);
    assertThat(first.toByteArray()).isEqualTo(second.toByteArray());
  }

  /** {@code uint8 [N, H, W, 3]} as {@code float32 [N, 3, H, W]} in [0, 1]. */
  static Tensor channelsFirst(Tensor nhwc) {
    long[] shape = nhwc.shape();
    int n = (int) shape[0];
    int pixels = (int) (shape[1] * shape[2]);
    ByteBuffer in = nhwc.bytes();
    float[] out = new float[n * pixels * 3];
    for (int image = 0; image < n; image++) {
      for (int p = 0; p < pixels; p++) {
        for (int c = 0; c < 3; c++) {
          out[(image * 3 + c) * pixels + p] =
              Byte.toUnsignedInt(in.get((image * pixels + p) * 3 + c)) / 255f;
        }
      }
    }
    assertThat(nhwc.dtype()).isEqualTo(DType.UINT8);
    return Tensor.of(out, n, 3, shape[1], shape[2]);
  }

  private static float[] run(TestModels.Writer writer, Tensor images) throws IOException {
    try (LoadedProgram program = TestModels.load(writer, INFERENCE)) {
      return TestModels.logits(program, images);
    }
  }
}
