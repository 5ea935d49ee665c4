package dev.octavo.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.ResNet;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class Int8ProgramTest {
  /** Factors of the scales of activations: 1, then others near it, until no tie is met. */
  private static final float[] SCALE_FACTORS = {1, 1.0001f, 0.9999f};

  private static final LoadedProgram.Mode INFERENCE = LoadedProgram.Mode.INFERENCE;
  private static final Tensor ANY = Tensor.of(new float[1], 1);

  /** Up to which node a network is compared, and whether residual adds are among them. */
  private enum Prefix {
    FIRST_CONVOLUTION(ResNet.RESNET18, 0, Double.POSITIVE_INFINITY),
    BOTTLENECK_WITHOUT_ADD(ResNet.RESNET50, 3, Double.POSITIVE_INFINITY),
    // Where oneDNN adds the shortcut in float32, a few codes in ten thousand round the other way.
    BOTTLENECKS(ResNet.RESNET50, 10, 55),
    BASIC_BLOCKS(ResNet.RESNET18, 14, 55);

    private final String net;
    private final int node;
    private final double decibels;

    Prefix(Architecture net, int node, double decibels) {
      this.net = net.id();
      this.node = node;
      this.decibels = decibels;
    }
  }

  @ParameterizedTest
  @EnumSource
  void itsIntegersAreThoseOfANaiveReference(Prefix prefix) throws IOException {
    compareWithReference(prefix, Int8Operators.ONEDNN);
  }

  @ParameterizedTest
  @EnumSource
  void soAreThoseOfPortableOperators(Prefix prefix) throws IOException {
    compareWithReference(prefix, Int8Operators.PORTABLE);
  }

  private static void compareWithReference(Prefix prefix, Int8Operators operators)
      throws IOException {
    compareWithReference(
        Architectures.of(prefix.net).network(6),
        prefix.node,
        11,
        operators,
        1,
        // Averages of many codes, summed in float32: 110 dB is as good as equal.
        (expected, actual, scale) ->
            assertThat(SignalToNoise.of(expected, actual).decibels())
                .isGreaterThan(Math.min(110, prefix.decibels)));
  }

  /** Some that are the same in each run, and some that no run has seen. */
  static LongStream seeds() {
    return LongStream.concat(LongStream.rangeClosed(1, 8), new Random().longs(8));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void soAreThoseOfNetworksOfRandomShape(long seed) throws IOException {
    Network network = RandomNetworks.of(seed);
    for (Int8Operators operators : Int8Operators.values()) {
      compareWithReference(network, seed, operators);
    }
  }

  /**
   * Compares the averages of the last feature map with those of naive integers. A value halfway
   * between two codes may round the other way and move others in the next layers: mostly by less
   * than a quarter of a code, in one network of thousands by one, with its very scales and not with
   * others. A wrong zero point moves all, whatever the scales.
   */
  static void compareWithReference(Network network, long seed, Int8Operators operators)
      throws IOException {
    float[] apart = new float[SCALE_FACTORS.length];
    for (int i = 0; i < apart.length; i++) {
      int trial = i;
      compareWithReference(
          network,
          lastMap(network),
          seed,
          operators,
          SCALE_FACTORS[i],
          (expected, actual, scale) ->
              apart[trial] = Math.max(apart[trial], codesApart(expected, actual, scale)));
      if (apart[i] < 0.5) {
        return;
      }
    }
    fail(
        "%s by %s is off by %s codes".formatted(network.name(), operators, Arrays.toString(apart)));
  }

  private static float codesApart(float[] expected, float[] actual, float scale) {
    float codes = 0;
    for (int k = 0; k < expected.length; k++) {
      codes += Math.abs(expected[k] - actual[k]) / scale / expected.length;
    }
    return codes;
  }

  /** What the global pool reads. */
  private static int lastMap(Network network) {
    return network.nodes().stream()
        .filter(Node.GlobalAveragePool.class::isInstance)
        .map(pool -> ((Node.GlobalAveragePool) pool).input())
        .findFirst()
        .orElseThrow();
  }

  /** Compares averages per channel. */
  private interface Comparison {
    void check(float[] expected, float[] actual, float scale);
  }

  private static void compareWithReference(
      Network network,
      int node,
      long seed,
      Int8Operators operators,
      float scaleFactor,
      Comparison comparison)
      throws IOException {
    int size = 32;
    FoldedNetwork folded =
        FoldedNetwork.of(network, TestModels.weights(network, seed), Normalization.IMAGENET);
    Tensor images = TestModels.images(2, size, seed + 1);
    QuantizedNetwork quantized =
        upTo(node, scaled(quantized(folded, operators, images, size), scaleFactor));
    try (LoadedProgram program =
        TestModels.load(
            out -> Int8Program.write(quantized, operators, new InputShape(size, 2), out),
            INFERENCE)) {
      float[] actual = TestModels.logits(program, images);
      Int8Reference reference = new Int8Reference(quantized, operators);
      byte[] pixels = new byte[size * size * 3];
      for (int i = 0; i < 2; i++) {
        images.bytes().get(i * pixels.length, pixels);
        double[] expected = reference.logits(pixels, size);
        float[] expectedFloats = new float[expected.length];
        for (int k = 0; k < expected.length; k++) {
          expectedFloats[k] = (float) expected[k];
        }
        comparison.check(
            expectedFloats,
            Arrays.copyOfRange(actual, i * expected.length, (i + 1) * expected.length),
            quantized.mapping(node).scale());
      }
    }
  }

  /** The network with all scales of activations multiplied. */
  private static QuantizedNetwork scaled(QuantizedNetwork network, float factor) {
    Map<Integer, QuantParams> activations = new HashMap<>();
    network
        .activations()
        .forEach(
            (node, mapping) ->
                activations.put(
                    node, new QuantParams(mapping.scale() * factor, mapping.zeroPoint())));
    return new QuantizedNetwork(
        network.graph(),
        network.convolutions(),
        activations,
        network.floatConvolutions(),
        network.dense(),
        network.normalization());
  }

  /** The network up to a node, then a pool and a classifier that passes its channels on. */
  private static QuantizedNetwork upTo(int node, QuantizedNetwork whole) {
    Network network = whole.network();
    int channels = network.channels(node);
    List<Node> nodes = new ArrayList<>(network.nodes().subList(0, node + 1));
    nodes.add(new Node.GlobalAveragePool(node));
    nodes.add(new Node.Linear("fc", node + 1, channels, channels));
    float[] identity = new float[channels * channels];
    for (int c = 0; c < channels; c++) {
      identity[c * channels + c] = 1;
    }
    Map<String, Dense> dense = new HashMap<>(whole.dense());
    dense.put("fc", new Dense(identity, new float[channels]));
    return new QuantizedNetwork(
        FusedNetwork.of(new Network("prefix", channels, nodes)),
        whole.convolutions(),
        whole.activations(),
        whole.floatConvolutions(),
        dense,
        Normalization.IMAGENET);
  }

  @Test
  void itTakesDjlsFloatImagesAndOtherBatchSizes() throws IOException {
    int size = 64;
    Network network = ResNet.RESNET18.network(4);
    FoldedNetwork folded =
        FoldedNetwork.of(network, TestModels.weights(network, 13), Normalization.IMAGENET);
    Tensor images = TestModels.images(3, size, 14);
    QuantizedNetwork quantized = quantized(folded, images, size);
    try (LoadedProgram program =
        TestModels.load(
            out ->
                Int8Program.write(quantized, Int8Operators.ONEDNN, new InputShape(size, 16), out),
            INFERENCE)) {
      float[] fromBytes = TestModels.logits(program, images);
      float[] fromFloats = TestModels.logits(program, FloatProgramsTest.channelsFirst(images));
      assertThat(fromFloats).isEqualTo(fromBytes);
    }
  }

  @Test
  void anImageOfTheMeanColourSuffersNoErrorInTheFirstConvolution() {
    Network network = ResNet.RESNET18.network(4);
    Node.Conv first = (Node.Conv) network.nodes().get(0);
    FoldedNetwork.Conv folded =
        FoldedNetwork.of(network, TestModels.weights(network, 15), Normalization.IMAGENET)
            .convolutions()
            .get("conv1");
    QuantizedNetwork.Conv integers =
        symmetric(folded, 127).withMeanInBias(first, Normalization.IMAGENET);
    int perChannel = folded.weight().length / folded.bias().length;
    for (int o = 0; o < folded.bias().length; o++) {
      double sum = integers.bias()[o];
      for (int k = 0; k < perChannel; k++) {
        double mean = Normalization.IMAGENET.meanPixel(k / first.geometry().taps());
        sum += integers.weight()[o * perChannel + k] * integers.scale()[o] * mean;
      }
      assertThat(sum).isCloseTo(folded.bias()[o], within(1e-4));
    }
  }

  @Test
  void histogramsGrowWithoutLosingACount() throws IOException {
    Network network = ResNet.RESNET18.network(4);
    FoldedNetwork folded =
        FoldedNetwork.of(network, TestModels.weights(network, 16), Normalization.IMAGENET);
    try (LoadedProgram program = calibration(folded)) {
      Tensor flat = TestModels.images(1, 32, 17);
      Tensor grey =
          Tensor.of(
              flat.dtype(), flat.shape(), ByteBuffer.allocateDirect(flat.bytes().remaining()));
      TestModels.observe(program, grey, 0);
      TestModels.observe(program, flat, 1);
      DoubleBuffer counts = program.run("histograms", ANY).get(0).bytes().asDoubleBuffer();
      int[] sizes = network.spatialSizes(32);
      for (Layer tensor : folded.graph().rangedLayers()) {
        double total = 0;
        for (int bin = 0; bin < CalibrationProgram.BINS; bin++) {
          total += counts.get();
        }
        int size = sizes[tensor.output()];
        int step = Math.max(1, size / PatchStatistics.GRID);
        int first = (size + step - 1) / step;
        int second = (size - 1 % step + step - 1) / step;
        assertThat(total)
            .as(tensor.name())
            .isEqualTo(
                (double) network.channels(tensor.output()) * (first * first + second * second));
      }
    }
  }

  @Test
  void calibrationNamesTheLayerWhoseOutputIsNotFinite() throws IOException {
    Network network = ResNet.RESNET18.network(4);
    StateDict state = TestModels.weights(network, 18);
    Map<String, Tensor> broken = new HashMap<>(state.tensors());
    float[] bias = state.tensor("layer2.0.bn1.bias").toFloats();
    bias[3] = Float.POSITIVE_INFINITY;
    broken.put("layer2.0.bn1.bias", Tensor.of(bias, bias.length));
    FoldedNetwork folded = FoldedNetwork.of(network, new StateDict(broken), Normalization.IMAGENET);
    try (LoadedProgram program = calibration(folded)) {
      assertThatThrownBy(() -> TestModels.observe(program, TestModels.images(1, 32, 19), 0))
          .hasMessageContaining("not finite: the output of layer2.0.conv1");
    }
  }

  private static LoadedProgram calibration(FoldedNetwork folded) throws IOException {
    return TestModels.load(
        out ->
            CalibrationProgram.write(
                folded,
                Int8Operators.ONEDNN,
                CalibrationProgram.Statistics.MEANS,
                new InputShape(32, 1),
                out),
        INFERENCE);
  }

  /** Ranges from least to greatest on the images themselves. */
  static QuantizedNetwork quantized(FoldedNetwork folded, Tensor images, int size)
      throws IOException {
    return quantized(folded, Int8Operators.ONEDNN, images, size);
  }

  static QuantizedNetwork quantized(
      FoldedNetwork folded, Int8Operators operators, Tensor images, int size) throws IOException {
    Map<Integer, QuantParams> activations = new HashMap<>();
    List<CalibrationProgram.Observed> observed =
        CalibrationProgram.observed(folded.graph(), operators);
    try (LoadedProgram program =
        TestModels.load(
            out ->
                CalibrationProgram.write(
                    folded,
                    operators,
                    CalibrationProgram.Statistics.MEANS,
                    new InputShape(size, 2),
                    out),
            INFERENCE)) {
      TestModels.observe(program, images, 0);
      DoubleBuffer ranges = program.run("ranges", ANY).get(0).bytes().asDoubleBuffer();
      for (int i = 0; i < observed.size(); i++) {
        double low = Math.min(0, ranges.get(i * 3 + 1));
        double span = Math.max(0, ranges.get(i * 3 + 2)) - low;
        float scale = span == 0 ? 1 : (float) (span / 255); // a layer may be silent
        activations.put(
            observed.get(i).node(), new QuantParams(scale, (int) Math.rint(-low / scale)));
      }
    }
    int levels = CpuFeatures.current().sumsBytesExactly() ? 127 : 63;
    Map<String, QuantizedNetwork.Conv> convolutions = new HashMap<>();
    for (Node.Conv c : folded.network().convolutions()) {
      QuantizedNetwork.Conv integers = symmetric(folded.convolutions().get(c.name()), levels);
      convolutions.put(
          c.name(),
          c.input() == Node.PIXELS ? integers.withMeanInBias(c, Normalization.IMAGENET) : integers);
    }
    return new QuantizedNetwork(
        folded.graph(),
        convolutions,
        activations,
        Map.of(),
        folded.dense(),
        Normalization.IMAGENET);
  }

  private static QuantizedNetwork.Conv symmetric(FoldedNetwork.Conv conv, int levels) {
    int channels = conv.bias().length;
    int perChannel = conv.weight().length / channels;
    byte[] codes = new byte[conv.weight().length];
    float[] scales = new float[channels];
    for (int o = 0; o < channels; o++) {
      float greatest = 0;
      for (int k = 0; k < perChannel; k++) {
        greatest = Math.max(greatest, Math.abs(conv.weight()[o * perChannel + k]));
      }
      scales[o] = greatest / levels;
      for (int k = 0; k < perChannel; k++) {
        codes[o * perChannel + k] = (byte) Math.rint(conv.weight()[o * perChannel + k] / scales[o]);
      }
    }
    return new QuantizedNetwork.Conv(codes, scales, conv.bias());
  }
}
