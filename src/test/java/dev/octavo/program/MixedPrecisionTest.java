package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Int8 networks with float layers, and the programs that measure int8 networks. */
class MixedPrecisionTest {
  private static final LoadedProgram.Mode INFERENCE = LoadedProgram.Mode.INFERENCE;
  private static final Tensor ANY = Tensor.of(new float[1], 1);
  private static final int SIZE = 64;

  private final Network network = ResNet.RESNET50.network(6);
  private final FoldedNetwork folded =
      FoldedNetwork.of(network, TestModels.weights(network, 21), Normalization.IMAGENET);
  private final Tensor images = TestModels.images(4, SIZE, 22);
  private final QuantizedNetwork int8;

  MixedPrecisionTest() throws IOException {
    int8 = Int8ProgramTest.quantized(folded, images, SIZE);
  }

  private Set<Integer> tensors() {
    return folded.graph().rangedLayers().stream().map(Layer::output).collect(Collectors.toSet());
  }

  private float[] floatLogits() throws IOException {
    try (LoadedProgram program =
        TestModels.load(
            out -> FusedProgram.write(folded, new InputShape(SIZE, 4), Precision.FP32, out),
            INFERENCE)) {
      return TestModels.logits(program, images);
    }
  }

  private float[] logits(QuantizedNetwork quantized) throws IOException {
    return logits(quantized, Precision.FP32);
  }

  private float[] logits(QuantizedNetwork quantized, Precision floats) throws IOException {
    InputShape shape = new InputShape(SIZE, 4);
    try (LoadedProgram program =
        TestModels.load(
            out -> Int8Program.write(quantized, Int8Operators.ONEDNN, floats, shape, out),
            INFERENCE)) {
      return TestModels.logits(program, images);
    }
  }

  @Test
  void withEveryTensorInFloatItIsTheFloatNetwork() throws IOException {
    QuantizedNetwork all = int8.withFloat(folded, tensors());
    assertThat(all.convolutions()).isEmpty();
    // The padding's colour is rounded to whole pixels, which reaches in from the edges.
    assertThat(SignalToNoise.of(floatLogits(), logits(all)).decibels()).isGreaterThan(40);
  }

  @Test
  void floatLayersInBfloat16AreTheNetworkInBfloat16() throws IOException {
    assumeThat(CpuFeatures.current().runsBfloat16()).as("a CPU that runs bfloat16").isTrue();
    QuantizedNetwork all = int8.withFloat(folded, tensors());
    float[] fp32 = logits(all);
    float[] bf16 = logits(all, Precision.BF16);
    assertThat(bf16).isNotEqualTo(fp32);
    float[] fused;
    try (LoadedProgram program =
        TestModels.load(
            out -> FusedProgram.write(folded, new InputShape(SIZE, 4), Precision.BF16, out),
            INFERENCE)) {
      fused = TestModels.logits(program, images);
    }
    // As far from float32 as the float program in bfloat16 is, give or take what rounds elsewhere.
    double expected = SignalToNoise.of(floatLogits(), fused).decibels();
    assertThat(SignalToNoise.of(fp32, bf16).decibels()).isBetween(expected - 6, expected + 12);
  }

  @Test
  void aFewLayersInBfloat16AreNearThoseInFloat32() throws IOException {
    assumeThat(CpuFeatures.current().runsBfloat16()).as("a CPU that runs bfloat16").isTrue();
    QuantizedNetwork some = int8.withFloat(folded, Set.of(0, 3));
    float[] fp32 = logits(some);
    float[] bf16 = logits(some, Precision.BF16);
    assertThat(bf16).isNotEqualTo(fp32);
    assertThat(SignalToNoise.of(fp32, bf16).decibels()).isGreaterThan(30);
  }

  @Test
  void aFloatTensorTakesTheConvolutionsAroundItAlong() {
    int conv2 = 3;
    QuantizedNetwork mixed = int8.withFloat(folded, Set.of(conv2));
    assertThat(mixed.floatConvolutions()).containsOnlyKeys("layer1.0.conv2", "layer1.0.conv3");
    assertThat(mixed.activations()).doesNotContainKey(conv2);
    assertThat(mixed.convolutions()).hasSize(int8.convolutions().size() - 2);
  }

  @Test
  void aSingleQuantizedLayerDoesLessHarmThanAll() throws IOException {
    float[] expected = floatLogits();
    double all = SignalToNoise.of(expected, logits(int8)).decibels();
    for (int node : List.of(0, 3, 6)) {
      QuantizedNetwork single = int8.quantizedOnlyAt(folded, node);
      assertThat(single.activations()).containsOnlyKeys(node);
      assertThat(SignalToNoise.of(expected, logits(single)).decibels()).isGreaterThan(all);
    }
  }

  @Test
  void theComparisonGivesTheLogitsOfBothProgramsAndSumsErrorsUp() throws IOException {
    try (LoadedProgram program =
        TestModels.load(
            out ->
                ComparisonProgram.write(
                    folded,
                    int8,
                    Int8Operators.ONEDNN,
                    Precision.FP32,
                    new InputShape(SIZE, 4),
                    out),
            INFERENCE)) {
      List<Tensor> both = program.run("compare", images);
      assertThat(both.get(0).toFloats()).isEqualTo(floatLogits());
      assertThat(both.get(1).toFloats()).isEqualTo(logits(int8));
      DoubleBuffer once = program.run("sums", ANY).get(0).bytes().asDoubleBuffer();
      program.run("compare", images);
      DoubleBuffer twice = program.run("sums", ANY).get(0).bytes().asDoubleBuffer();
      assertThat(once.remaining()).isEqualTo(2 * tensors().size());
      for (int i = 0; i < once.remaining(); i += 2) {
        double decibels = new SignalToNoise(once.get(i), once.get(i + 1)).decibels();
        assertThat(decibels).isBetween(10.0, 60.0);
        assertThat(twice.get(i)).isEqualTo(2 * once.get(i));
        assertThat(twice.get(i + 1)).isEqualTo(2 * once.get(i + 1));
      }
    }
  }
}
