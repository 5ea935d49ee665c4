package dev.octavo.quantize;

import dev.octavo.bundle.CalibrationRecord;
import dev.octavo.bundle.CalibrationRecord.Activation;
import dev.octavo.bundle.CalibrationRecord.ChosenRange;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The histograms and ranges of a calibration, as a bundle keeps them. */
final class CalibrationEntries {
  private CalibrationEntries() {}

  /**
   * The record of a calibration.
   *
   * @param method whose ranges the model has
   * @param histograms in execution order
   */
  static CalibrationRecord of(RangeMethod method, Collection<Histogram> histograms) {
    return new CalibrationRecord(
        method.id(), histograms.stream().map(CalibrationEntries::activation).toList());
  }

  private static Activation activation(Histogram h) {
    return new Activation(
        h.name(),
        h.low(),
        h.high(),
        IntStream.range(0, h.counts().length)
            .mapToDouble(bin -> h.counts()[bin] * h.centre(bin) * h.centre(bin))
            .sum(),
        coarse(h.counts()),
        Stream.of(RangeMethod.values()).map(method -> chosen(method, h)).toList());
  }

  private static List<Long> coarse(double[] counts) {
    long[] sums = new long[CalibrationRecord.BINS];
    for (int bin = 0; bin < counts.length; bin++) {
      sums[(int) ((long) bin * sums.length / counts.length)] += Math.round(counts[bin]);
    }
    return LongStream.of(sums).boxed().toList();
  }

  private static ChosenRange chosen(RangeMethod method, Histogram h) {
    Range range = method.range(h);
    return new ChosenRange(
        method.id(), range.low(), range.high(), RangeMethod.squaredError(h, range));
  }
}
