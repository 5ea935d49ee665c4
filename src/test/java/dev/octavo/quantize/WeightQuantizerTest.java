package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.QuantizedNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightQuantizerTest {
  @ParameterizedTest
  @ValueSource(ints = {7, 8})
  void everyChannelUsesItsFullRange(int bits) {
    float[] weights = {0.5f, -1f, 0.25f, 1000f, 10f, -3f};
    WeightQuantizer quantizer = new WeightQuantizer(bits);
    QuantizedNetwork.Conv conv =
        quantizer.quantize("conv1", new FoldedNetwork.Conv(weights, new float[] {1, 2}));
    assertThat(conv.weight()[1]).isEqualTo((byte) -quantizer.levels());
    assertThat(conv.weight()[3]).isEqualTo((byte) quantizer.levels());
    for (int i = 0; i < weights.length; i++) {
      float scale = conv.scale()[i / 3];
      assertThat(conv.weight()[i] * scale).isCloseTo(weights[i], within(scale / 2 * 1.001f));
    }
    assertThat(conv.bias()).containsExactly(1, 2);
  }

  @Test
  void aChannelOfZerosStaysZero() {
    QuantizedNetwork.Conv conv =
        new WeightQuantizer(8)
            .quantize("conv1", new FoldedNetwork.Conv(new float[4], new float[] {1, 2}));
    assertThat(conv.weight()).containsOnly((byte) 0);
    assertThat(conv.scale()).containsOnly(1f);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void namesTheLayerAndChannelThatIsNotFinite(float bad) {
    float[] weights = {1, 2, bad, 4};
    assertThatThrownBy(
            () ->
                new WeightQuantizer(8)
                    .quantize("layer2.0.conv3", new FoldedNetwork.Conv(weights, new float[2])))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("layer2.0.conv3")
        .hasMessageContaining("output channel 1");
  }
}
