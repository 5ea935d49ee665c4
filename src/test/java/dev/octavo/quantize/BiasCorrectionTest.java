package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.QuantizedNetwork;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BiasCorrectionTest {
  @Test
  void theMeanOutputOfRoundedWeightsIsThatOfTheRealOnes() {
    int k = 50;
    Random random = new Random(71);
    float[] weight = new float[2 * k];
    double[] mean = new double[k];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) random.nextGaussian();
      mean[i % k] = random.nextDouble() * 3;
    }
    FoldedNetwork.Conv conv = new FoldedNetwork.Conv(weight, new float[] {0.5f, -2});
    QuantizedNetwork.Conv rounded = new WeightQuantizer(7).quantize("conv", conv);
    float[] corrected = BiasCorrection.of(conv, rounded, mean);
    for (int o = 0; o < 2; o++) {
      double expected = conv.bias()[o];
      double uncorrected = conv.bias()[o];
      double actual = corrected[o];
      for (int i = 0; i < k; i++) {
        double real = rounded.weight()[o * k + i] * (double) rounded.scale()[o];
        expected += weight[o * k + i] * mean[i];
        uncorrected += real * mean[i];
        actual += real * mean[i];
      }
      assertThat(Math.abs(uncorrected - expected)).isGreaterThan(1e-3);
      assertThat(actual).isCloseTo(expected, within(1e-5));
    }
  }
}
