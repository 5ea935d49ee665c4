package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.bundle.CpuTarget;
import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Int8Reference;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks whose activations are nothing like those of images, against naive integers. */
class ExtremeActivationsTest {
  private static final int SIZE = 32;
  private static final int BATCH = 2;
  private static final Network NETWORK = ResNet.RESNET18.network(4);

  private enum Activations {
    ZERO,
    CONSTANT,
    TINY,
    HUGE
  }

  static Stream<Arguments> cases() {
    CpuTarget ofThisCpu = CpuTarget.of(CpuFeatures.current());
    return Arrays.stream(Activations.values())
        .flatMap(
            activations ->
                Stream.concat(
                    Arrays.stream(RangeMethod.values())
                        .map(method -> Arguments.of(activations, method, ofThisCpu)),
                    Stream.of(Arguments.of(activations, RangeMethod.MSE, CpuTarget.PORTABLE))));
  }

  private static FoldedNetwork network(Activations activations) {
    FoldedNetwork sound =
        FoldedNetwork.of(NETWORK, TestModels.weights(NETWORK, 91), Normalization.IMAGENET);
    return switch (activations) {
      case CONSTANT -> sound;
      case ZERO -> scaled(sound, Map.of("layer1.0.conv1", 0f));
      // Scaled up and down again, so that only what lies between is extreme.
      case TINY -> scaled(sound, Map.of("layer1.0.conv1", 0x1p-60f, "layer1.0.conv2", 0x1p60f));
      case HUGE -> scaled(sound, Map.of("layer1.0.conv1", 0x1p60f, "layer1.0.conv2", 0x1p-60f));
    };
  }

  private static FoldedNetwork scaled(FoldedNetwork network, Map<String, Float> factors) {
    Map<String, FoldedNetwork.Conv> convolutions = new HashMap<>(network.convolutions());
    factors.forEach(
        (name, factor) -> {
          FoldedNetwork.Conv conv = convolutions.get(name);
          // Biases belong to what a convolution adds up to: those of the second are not undone.
          float[] bias = name.endsWith("conv1") ? times(conv.bias(), factor) : conv.bias();
          convolutions.put(name, new FoldedNetwork.Conv(times(conv.weight(), factor), bias));
        });
    return new FoldedNetwork(
        network.graph(), convolutions, network.dense(), Normalization.IMAGENET);
  }

  private static float[] times(float[] values, float factor) {
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }

  private static Tensor images(Activations activations) {
    Tensor images = TestModels.images(BATCH, SIZE, 92);
    if (activations != Activations.CONSTANT) {
      return images;
    }
    byte[] grey = new byte[images.bytes().remaining()];
    Arrays.fill(grey, (byte) 200);
    ByteBuffer direct = ByteBuffer.allocateDirect(grey.length).put(grey).flip();
    return Tensor.of(DType.UINT8, images.shape(), direct);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void integersAreThoseOfANaiveReference(
      Activations activations, RangeMethod method, CpuTarget target) throws IOException {
    Tensor images = images(activations);
    EvaluationImages evaluated =
        consumer -> consumer.accept(new EvaluationImages.Batch(images, new int[BATCH]));
    NetworkQuantizer quantizer =
        new NetworkQuantizer(
            network(activations),
            target,
            Precision.FP32,
            new NetworkQuantizer.Images(evaluated, BATCH),
            SIZE,
            line -> {});
    var quantized = quantizer.quantize(new QuantizationConfig(method, Set.of(), Set.of()));
    float[] actual;
    try (LoadedProgram program = NetworkQuantizer.load(quantizer.program(quantized))) {
      actual = TestModels.logits(program, images);
    }
    Int8Reference reference = new Int8Reference(quantized, target.operators());
    byte[] pixels = new byte[SIZE * SIZE * 3];
    float[] expected = new float[actual.length];
    for (int i = 0; i < BATCH; i++) {
      images.bytes().get(i * pixels.length, pixels);
      double[] logits = reference.logits(pixels, SIZE);
      for (int k = 0; k < logits.length; k++) {
        expected[i * logits.length + k] = (float) logits[k];
      }
    }
    // Where floats are added before they are rounded, a few codes round the other way.
    assertThat(SignalToNoise.of(expected, actual).decibels()).isGreaterThan(35);
  }
}
