package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.metrics.Ratio.Outcome;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class MeasuresTest {
  @Test
  void ratiosAddUpAndDivideOnce() {
    Ratio merged = new Ratio(1, 1).plus(new Ratio(1, 3));
    assertThat(merged).isEqualTo(new Ratio(2, 4));
    assertThat(merged.value()).isEqualTo(0.5); // the mean of the means would be 0.67
    assertThat(merged.plus(Outcome.of(false))).isEqualTo(new Ratio(2, 5));
    assertThat(Ratio.NONE.value()).isNaN();
  }

  @Test
  void refusesMoreHitsThanCases() {
    assertThatThrownBy(() -> new Ratio(3, 2)).hasMessage("3 hits of 2");
  }

  @Test
  void aTenthOfTheAmplitudeAsNoiseIsTwentyDecibels() {
    SignalToNoise sqnr = SignalToNoise.of(new float[] {10, -10}, new float[] {11, -9});
    assertThat(sqnr.decibels()).isCloseTo(20, within(1e-12));
  }

  @Test
  void anExactCopyHasInfiniteSignalToNoise() {
    assertThat(SignalToNoise.of(new float[] {1, 2}, new float[] {1, 2}).decibels())
        .isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(SignalToNoise.NONE.decibels()).isNaN();
  }

  @Test
  void signalToNoiseRefusesWhatIsNotFinite() {
    assertThatThrownBy(() -> SignalToNoise.of(new float[] {Float.NaN}, new float[] {1}))
        .hasMessageContaining("must be finite");
    assertThatThrownBy(() -> SignalToNoise.of(new float[2], new float[1]))
        .hasMessage("2 reference values but 1 approximations");
  }

  @Property
  void signalToNoiseOfPartsEqualsTheWhole(
      @ForAll("values") float[] reference,
      @ForAll("values") float[] approximation,
      @ForAll @IntRange(max = 20) int cut) {
    SignalToNoise merged =
        SignalToNoise.of(Arrays.copyOf(reference, cut), Arrays.copyOf(approximation, cut))
            .plus(
                SignalToNoise.of(
                    Arrays.copyOfRange(reference, cut, 20),
                    Arrays.copyOfRange(approximation, cut, 20)));
    SignalToNoise whole = SignalToNoise.of(reference, approximation);
    assertThat(merged.signal()).isCloseTo(whole.signal(), within(1e-6));
    assertThat(merged.noise()).isCloseTo(whole.noise(), within(1e-6));
  }

  @Provide
  Arbitrary<float[]> values() {
    return Arbitraries.floats().between(-100, 100).array(float[].class).ofSize(20);
  }

  @Test
  void throughputDividesSums() {
    Throughput both = new Throughput(10, 1_000_000_000L).then(new Throughput(10, 3_000_000_000L));
    assertThat(both.imagesPerSecond()).isEqualTo(5);
    assertThat(both.millisPerImage()).isEqualTo(200);
    assertThat(new Throughput(0, 0).imagesPerSecond()).isNaN();
    assertThat(new Throughput(0, 5).millisPerImage()).isNaN();
  }

  @Test
  void quantilesInterpolateAsNumpyDoes() {
    // numpy.quantile([4, 1, 3, 2], [.1, .5, .9]) = [1.3, 2.5, 3.7]
    Quantiles q = Quantiles.of(4, 1, 3, 2);
    assertThat(q.at(0.1)).isCloseTo(1.3, within(1e-12));
    assertThat(q.median()).isEqualTo(2.5);
    assertThat(q.at(0.9)).isCloseTo(3.7, within(1e-12));
    assertThat(q.at(0)).isEqualTo(1);
    assertThat(q.at(1)).isEqualTo(4);
  }

  @Test
  void quantilesRefuseNothingAndNaN() {
    assertThatThrownBy(() -> Quantiles.of()).hasMessage("quantiles of no values");
    assertThatThrownBy(() -> Quantiles.of(1, Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> Quantiles.of(1).at(1.5)).hasMessageContaining("1.5");
  }

  @Property
  void quantilesGrowWithTheirPosition(
      @ForAll @Size(min = 1, max = 20) double[] values,
      @ForAll @DoubleRange(max = 1) double a,
      @ForAll @DoubleRange(max = 1) double b) {
    Quantiles q = Quantiles.of(values);
    assertThat(q.at(Math.min(a, b))).isLessThanOrEqualTo(q.at(Math.max(a, b)));
  }
}
