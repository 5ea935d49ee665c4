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
  /** A scale that shows all values between two and ends at ticks, with about that many of them. */
  static Axis covering(double least, double greatest, int ticks) {
    double span = greatest - least;
    if (!(span > 0)) {
      span = Math.max(Math.abs(greatest), 1);
    }
    double step = step(span, ticks);
    double low = Math.floor(least / step) * step;
    double high = Math.ceil(greatest / step) * step;
    return new Axis(low, high > low ? high : low + step, step);
  }

  /** A scale that ends at the values, with about that many ticks; around a value alone. */
  static Axis between(double least, double greatest, int ticks) {
    if (!(greatest > least)) {
      return new Axis(least - 1, least + 1, 1);
    }
    // Values that are whole, as epochs are, have no ticks between them.
    double step = step(greatest - least, ticks);
    boolean whole = least == Math.rint(least) && greatest == Math.rint(greatest);
    return new Axis(least, greatest, whole && greatest > 1 ? Math.max(1, step) : step);
  }

  private static double step(double span, int ticks) {
    double rough = span / ticks;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double fraction = rough / power;
    return power * (fraction <= 1 ? 1 : fraction <= 2 ? 2 : fraction <= 5 ? 5 : 10);
  }

  /** The position of a value: 0 at the low end, 1 at the high end. */
  double position(double value) {
    return (value - low) / (high - low);
  }

  /** The ticks within the scale, low to high. */
  List<Double> ticks() {
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.ceil(low / step - 1e-9);
    long last = (long) Math.floor(high / step + 1e-9);
    for (long i = first; i <= last; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** A tick's label, with as many decimals as the step needs. */
  String label(double tick) {
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return Html.format("%." + decimals + "f", tick + 0.0);
  }
}
