package dev.octavo.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear scale from values to pixels with round ticks.
 *
 * @param low least value shown
 * @param high greatest value shown, above {@code low}
 * @param step between ticks: 1, 2 or 5 times a power of ten
 */
record Axis(double low, double high, double step) {
  /** A scale that shows all values between two, with about that many ticks. */
  static Axis covering(double least, double greatest, int ticks) {
    double span = greatest - least;
    if (!(span > 0)) {
      span = Math.max(Math.abs(greatest), 1);
    }
    double rough = span / ticks;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double fraction = rough / power;
    double step = power * (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10);
    double low = Math.floor(least / step) * step;
    double high = Math.ceil(greatest / step) * step;
    return new Axis(low, high > low ? high : low + step, step);
  }

  /** The position of a value: 0 at the low end, 1 at the high end. */
  double position(double value) {
    return (value - low) / (high - low);
  }

  /** The ticks, low to high. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    long n = Math.round((high - low) / step);
    for (long i = 0; i <= n; i++) {
      ticks.add(low + i * step);
    }
    return ticks;
  }

  /** A tick's label, with as many decimals as the step needs. */
  String label(double tick) {
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return Html.format("%." + decimals + "f", tick + 0.0);
  }
}
