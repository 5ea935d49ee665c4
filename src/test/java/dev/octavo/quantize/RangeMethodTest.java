package dev.octavo.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.program.QuantParams;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

class RangeMethodTest {
  /** Counts that fall off like a bell from zero on, and one value far outside. */
  private static Histogram withOutlier() {
    double[] counts = new double[2048];
    for (int i = 0; i < 512; i++) {
      counts[i] = 1000 * Math.exp(-Math.pow(i / 128.0, 2));
    }
    counts[2047] = 1;
    return new Histogram("layer1.0.conv1", 0, 20.48, 0, 20.48, counts);
  }

  @Test
  void minmaxClipsNothing() {
    assertThat(RangeMethod.MINMAX.range(withOutlier())).isEqualTo(new Range(0, 20.48));
  }

  @Test
  void percentileLeavesTheOutlierOutside() {
    Range range = RangeMethod.PERCENTILE.range(withOutlier());
    assertThat(range.low()).isZero();
    assertThat(range.high()).isBetween(3.0, 5.12);
  }

  @Test
  void mseClipsWhatCostsMoreThanItSaves() {
    Histogram h = withOutlier();
    Range range = RangeMethod.MSE.range(h);
    assertThat(range.high()).isBetween(2.0, 20.0);
    assertThat(squaredError(h, range)).isLessThan(squaredError(h, RangeMethod.MINMAX.range(h)));
  }

  @Test
  void entropyClipsAFarTailButNotAnEvenSpread() {
    assertThat(RangeMethod.ENTROPY.range(withOutlier()).high()).isBetween(2.56, 8.0);
    double[] even = new double[2048];
    Arrays.fill(even, 1000);
    Histogram spread = new Histogram("layer1.0.conv2", 0, 4, 0, 4, even);
    assertThat(RangeMethod.ENTROPY.range(spread)).isEqualTo(new Range(0, 4));
  }

  @Test
  void entropyIsNotMovedByTheZerosOfRelu() {
    Histogram without = withOutlier();
    double[] counts = without.counts().clone();
    counts[0] = 1e9;
    Histogram with = new Histogram("layer1.0.conv1", 0, 20.48, 0, 20.48, counts);
    assertThat(RangeMethod.ENTROPY.range(with)).isEqualTo(RangeMethod.ENTROPY.range(without));
  }

  @Test
  void entropyTreatsBothSidesOfASignedTensorAlike() {
    double[] counts = new double[2048];
    for (int i = 0; i < 2048; i++) {
      counts[i] = Math.round(1e6 * Math.exp(-Math.pow((i - 1023.5) / 128.0, 2)));
    }
    counts[0] = 1;
    counts[2047] = 1;
    Histogram h = new Histogram("layer1.0.downsample.0", -10.24, 10.24, -10.24, 10.24, counts);
    Range range = RangeMethod.ENTROPY.range(h);
    assertThat(range.high()).isBetween(1.28, 8.0).isEqualTo(-range.low());
  }

  @Property(tries = 200)
  void everyMethodGivesAUsableRangeWithinWhatWasSeen(
      @ForAll RangeMethod method,
      @ForAll @IntRange(min = -36, max = 36) int exponent,
      @ForAll @LongRange(min = 0, max = 1_000_000) long seed) {
    Random random = new Random(seed);
    boolean signed = random.nextBoolean();
    double limit = Math.pow(10, exponent);
    double[] counts = new double[256 << random.nextInt(4)];
    // From a single value that never changes to a spread over all bins.
    int values = 1 << random.nextInt(14);
    for (int i = 0; i < values; i++) {
      counts[random.nextInt(counts.length)]++;
    }
    double least = signed ? -limit * random.nextDouble() : 0;
    Histogram h = new Histogram("conv1", signed ? -limit : 0, limit, least, limit, counts);
    Range range = method.range(h);
    assertThat(range.low()).isBetween(least, 0.0);
    assertThat(range.high()).isBetween(0.0, limit);
    QuantParams mapping = range.activation();
    assertThat(mapping.code(0)).isEqualTo(mapping.zeroPoint());
    for (int code = 0; code <= 255; code++) {
      assertThat(mapping.code(mapping.real(code))).isEqualTo(code);
    }
  }

  private static double squaredError(Histogram h, Range range) {
    QuantParams a = range.activation();
    double sum = 0;
    for (int i = 0; i < h.counts().length; i++) {
      double x = h.centre(i);
      double code = Math.max(0, Math.min(255, Math.rint(x / a.scale()) + a.zeroPoint()));
      sum += h.counts()[i] * Math.pow(x - a.scale() * (code - a.zeroPoint()), 2);
    }
    return sum;
  }

  @Test
  void aTensorThatIsAlwaysZeroGetsAUsableScale() {
    double[] counts = new double[2048];
    counts[0] = 100;
    Histogram zero = new Histogram("layer4.2.conv3", 0, 1e-20, 0, 0, counts);
    for (RangeMethod method : RangeMethod.values()) {
      assertThat(method.range(zero).activation())
          .as(method.name())
          .isEqualTo(new QuantParams(1, 0));
    }
  }

  @Test
  void namesTheLayerWhoseRangeIsNotFinite() {
    assertThatThrownBy(() -> new Histogram("layer3.1.conv2", 0, Double.NaN, 0, 0, new double[2048]))
        .hasMessageContaining("layer3.1.conv2");
  }

  @Property
  void zeroHasAnExactCodeAndTheEndsAreWithinAStep(
      @ForAll @DoubleRange(min = -100, max = 0) double low,
      @ForAll @DoubleRange(min = 0.01, max = 100) double high) {
    QuantParams a = new Range(low, high).activation();
    assertThat(a.zeroPoint()).isBetween(0, 255);
    assertThat(-a.zeroPoint() * (double) a.scale()).isCloseTo(low, within(a.scale() * 0.51));
    assertThat((255 - a.zeroPoint()) * (double) a.scale())
        .isCloseTo(high, within(a.scale() * 0.51));
  }

  @Property
  void codesSurviveDequantizingAndQuantizingAgain(
      @ForAll @IntRange(min = -127, max = 127) int code,
      @ForAll @Scale(6) @DoubleRange(min = 1e-6, max = 1e3) double scale) {
    WeightQuantizer quantizer = new WeightQuantizer(8);
    float s = (float) scale;
    assertThat(quantizer.code(code * s, s)).isEqualTo((byte) code);
  }
}
