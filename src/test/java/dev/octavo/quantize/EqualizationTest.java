package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.ResNet;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.FusedProgram;
import dev.octavo.program.InputShape;
import dev.octavo.program.NarrowNetworks;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EqualizationTest {
  private final Network network = ResNet.RESNET50.network(4);
  private final FoldedNetwork folded =
      FoldedNetwork.of(network, TestModels.weights(network, 31), Normalization.IMAGENET);

  @Test
  void pairsAreTheConvolutionsInsideOfBlocks() {
    assertThat(Equalization.pairs(network.nodes()))
        .hasSize(2 * 16)
        .extracting(pair -> pair.first().name() + " " + pair.second().name())
        .startsWith("layer1.0.conv1 layer1.0.conv2", "layer1.0.conv2 layer1.0.conv3");
    assertThat(Equalization.pairs(ResNet.RESNET18.network(4).nodes())).hasSize(8);
  }

  @Test
  void bothSidesOfAChannelEndWithTheSameMagnitude() {
    FoldedNetwork equalized = Equalization.of(folded);
    for (Equalization.Pair pair : Equalization.pairs(network.nodes())) {
      for (int i = 0; i < pair.first().outChannels(); i++) {
        double out = outgoing(equalized, pair.first(), i);
        assertThat(incoming(equalized, pair.second(), i))
            .as("%s, channel %d", pair.second().name(), i)
            .isCloseTo(out, within(0.01 * out));
      }
    }
  }

  @Test
  void aChannelThatNobodyReadsStaysAsItIs() {
    FoldedNetwork.Conv conv2 = folded.convolutions().get("layer1.0.conv2");
    for (int o = 0; o < 64; o++) {
      java.util.Arrays.fill(conv2.weight(), o * 64 * 9 + 5 * 9, o * 64 * 9 + 6 * 9, 0);
    }
    FoldedNetwork equalized = Equalization.of(folded);
    assertThat(outgoing(equalized, conv("layer1.0.conv1"), 5))
        .isEqualTo(outgoing(folded, conv("layer1.0.conv1"), 5));
    for (FoldedNetwork.Conv conv : equalized.convolutions().values()) {
      for (float w : conv.weight()) {
        assertThat(Float.isFinite(w)).isTrue();
      }
    }
  }

  @Test
  void theOriginalIsNotTouched() {
    float[] before = folded.convolutions().get("layer2.0.conv1").weight().clone();
    assertThat(Equalization.of(folded).convolutions().get("layer2.0.conv1").weight())
        .isNotEqualTo(before);
    assertThat(folded.convolutions().get("layer2.0.conv1").weight()).isEqualTo(before);
  }

  /** Groups of ResNeXt, single channels of MobileNetV2 (between whose ReLU6 nothing may move). */
  @ParameterizedTest
  @CsvSource({"resnext50_32x4d, 32", "mobilenet_v2, 2"})
  void groupedNetworksAreEqualizedAndComputeTheSame(String id, int pairs) throws IOException {
    Network narrow = NarrowNetworks.of(Architectures.of(id).network(4), 8);
    FoldedNetwork before =
        FoldedNetwork.of(narrow, TestModels.weights(narrow, 32), Normalization.IMAGENET);
    FoldedNetwork after = Equalization.of(before);
    assertThat(Equalization.pairs(narrow.nodes())).hasSize(pairs);
    for (Equalization.Pair pair : Equalization.pairs(narrow.nodes())) {
      for (int i = 0; i < pair.first().outChannels(); i++) {
        double out = outgoing(after, pair.first(), i);
        assertThat(incoming(after, pair.second(), i))
            .as("%s, channel %d", pair.second().name(), i)
            .isCloseTo(out, within(0.01 * out));
      }
    }
    assertThat(SignalToNoise.of(logits(before), logits(after)).decibels()).isGreaterThan(80);
  }

  private static float[] logits(FoldedNetwork network) throws IOException {
    try (LoadedProgram program =
        NetworkQuantizer.load(
            out -> FusedProgram.write(network, new InputShape(64, 2), Precision.FP32, out))) {
      return TestModels.logits(program, TestModels.images(2, 64, 33));
    }
  }

  private Node.Conv conv(String name) {
    List<Node.Conv> found =
        network.nodes().stream()
            .filter(n -> n instanceof Node.Conv c && c.name().equals(name))
            .map(n -> (Node.Conv) n)
            .toList();
    return found.get(0);
  }

  private static double outgoing(FoldedNetwork net, Node.Conv conv, int channel) {
    float[] w = net.convolutions().get(conv.name()).weight();
    int per = w.length / conv.outChannels();
    double greatest = 0;
    for (int k = 0; k < per; k++) {
      greatest = Math.max(greatest, Math.abs(w[channel * per + k]));
    }
    return greatest;
  }

  private static double incoming(FoldedNetwork net, Node.Conv conv, int channel) {
    float[] w = net.convolutions().get(conv.name()).weight();
    int taps = conv.geometry().taps();
    double greatest = 0;
    for (int o = 0; o < conv.outChannels(); o++) {
      int ofGroup = channel - conv.firstInput(o);
      if (ofGroup >= 0 && ofGroup < conv.weightsPerOutput() / taps) {
        for (int k = 0; k < taps; k++) {
          int at = o * conv.weightsPerOutput() + ofGroup * taps + k;
          greatest = Math.max(greatest, Math.abs(w[at]));
        }
      }
    }
    return greatest;
  }
}
