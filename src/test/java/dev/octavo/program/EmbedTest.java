package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The features that inference programs return beside the logits. */
class EmbedTest {
  private static final int SIZE = 64;
  private static final int IMAGES = 3;
  private static final int CLASSES = 5;

  private final Network network = ResNet.RESNET18.network(CLASSES);
  private final StateDict state = TestModels.weights(network, 31);
  private final FoldedNetwork folded = FoldedNetwork.of(network, state, Normalization.IMAGENET);
  private final Tensor images = TestModels.images(IMAGES, SIZE, 32);

  private enum Program {
    PORTABLE,
    FP32,
    BF16,
    INT8,
    INT8_WITH_A_FLOAT_POOL
  }

  private LoadedProgram load(Program program) throws IOException {
    if (program == Program.BF16) {
      assumeThat(CpuFeatures.current().runsBfloat16()).as("AVX-512 or aarch64").isTrue();
    }
    return TestModels.load(writer(program), LoadedProgram.Mode.INFERENCE);
  }

  private TestModels.Writer writer(Program program) throws IOException {
    return switch (program) {
      case PORTABLE -> out -> PortableProgram.write(network, state, Normalization.IMAGENET, out);
      case FP32 ->
          out -> FusedProgram.write(folded, new InputShape(SIZE, IMAGES), Precision.FP32, out);
      case BF16 ->
          out -> FusedProgram.write(folded, new InputShape(SIZE, IMAGES), Precision.BF16, out);
      case INT8 -> int8(Int8ProgramTest.quantized(folded, images, SIZE));
      case INT8_WITH_A_FLOAT_POOL -> {
        int last = network.nodes().size() - 3;
        yield int8(Int8ProgramTest.quantized(folded, images, SIZE).withFloat(folded, Set.of(last)));
      }
    };
  }

  private static TestModels.Writer int8(QuantizedNetwork quantized) {
    return out ->
        Int8Program.write(quantized, Int8Operators.ONEDNN, new InputShape(SIZE, IMAGES), out);
  }

  private float[] features(Program which) throws IOException {
    try (LoadedProgram program = load(which)) {
      return program.run("embed", images).get(1).toFloats();
    }
  }

  @ParameterizedTest
  @EnumSource
  void logitsAreThoseOfForwardToTheBit(Program which) throws IOException {
    try (LoadedProgram program = load(which)) {
      Tensor logits = program.run("embed", images).get(0);
      assertThat(logits.shape()).containsExactly(IMAGES, CLASSES);
      assertThat(logits.toFloats()).isEqualTo(TestModels.logits(program, images));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theClassifierMakesTheLogitsOfTheFeatures(Program which) throws IOException {
    try (LoadedProgram program = load(which)) {
      List<Tensor> outputs = program.run("embed", images);
      Tensor features = outputs.get(1);
      int width = network.classifier().in();
      assertThat(features.shape()).containsExactly(IMAGES, width);
      assertThat(width).isEqualTo(512);
      float[] logits = outputs.get(0).toFloats();
      float[] values = features.toFloats();
      for (int i = 0; i < logits.length; i++) {
        double expected = folded.classifier().bias()[i % CLASSES];
        for (int k = 0; k < width; k++) {
          expected +=
              folded.classifier().weight()[i % CLASSES * width + k]
                  * (double) values[i / CLASSES * width + k];
        }
        assertThat((double) logits[i]).isCloseTo(expected, within(1e-4 * (1 + Math.abs(expected))));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PORTABLE", "INT8"})
  void djlsFloatImagesHaveFeaturesToo(Program which) throws IOException {
    try (LoadedProgram program = load(which)) {
      float[] fromBytes = program.run("embed", images).get(1).toFloats();
      float[] fromFloats =
          program.run("embed", FloatProgramsTest.channelsFirst(images)).get(1).toFloats();
      assertThat(SignalToNoise.of(fromBytes, fromFloats).decibels()).isGreaterThan(100);
    }
  }

  @Test
  void allProgramsHaveTheSameFeaturesUpToTheirPrecision() throws IOException {
    float[] expected = features(Program.PORTABLE);
    assertThat(decibels(expected, Program.FP32)).isGreaterThan(95);
    double int8 = decibels(expected, Program.INT8);
    assertThat(int8).isBetween(15.0, 60.0);
    assertThat(decibels(expected, Program.INT8_WITH_A_FLOAT_POOL)).isGreaterThan(int8);
    assertThat(decibels(expected, Program.BF16)).isBetween(25.0, 95.0);
  }

  private double decibels(float[] expected, Program program) throws IOException {
    return SignalToNoise.of(expected, features(program)).decibels();
  }
}
