package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.network.Activation;
import dev.octavo.network.BatchNorm;
import dev.octavo.network.Geometry;
import dev.octavo.network.Node;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.QuantizedNetwork;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BiasCorrectionTest {
  private static Node.Conv conv(int in, int out, Geometry geometry) {
    return new Node.Conv(
        "conv", BatchNorm.of("bn"), Node.PIXELS, in, out, geometry, Activation.NONE);
  }

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
    float[] corrected = BiasCorrection.of(conv(k, 2, Geometry.of(1, 1)), conv, rounded, mean);
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

  /** Six inputs in three groups, two outputs each, against a convolution of the mean patch. */
  @Test
  void aGroupIsCorrectedByItsOwnInputs() {
    Geometry geometry = Geometry.of(3, 1).withGroups(3);
    Node.Conv node = conv(6, 6, geometry);
    Random random = new Random(72);
    float[] weight = new float[6 * 2 * 9];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = (float) random.nextGaussian();
    }
    double[] mean = random.doubles(6 * 9, 0, 3).toArray();
    FoldedNetwork.Conv conv = new FoldedNetwork.Conv(weight, new float[6]);
    QuantizedNetwork.Conv rounded = new WeightQuantizer(7).quantize("conv", conv);
    float[] corrected = BiasCorrection.of(node, conv, rounded, mean);
    for (int o = 0; o < 6; o++) {
      double error = 0;
      for (int i = 0; i < 2; i++) {
        for (int tap = 0; tap < 9; tap++) {
          int at = (o * 2 + i) * 9 + tap;
          double real = rounded.weight()[at] * (double) rounded.scale()[o];
          error += (real - weight[at]) * mean[(o / 2 * 2 + i) * 9 + tap];
        }
      }
      assertThat(error).isNotZero();
      assertThat((double) corrected[o]).isCloseTo(-error, within(1e-6));
    }
  }
}
