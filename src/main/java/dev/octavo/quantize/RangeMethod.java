package dev.octavo.quantize;

import dev.octavo.program.QuantParams;
import java.util.Locale;

/** The methods that choose the range of a tensor's codes from its histogram. */
public enum RangeMethod {
  /** From the least to the greatest value seen: nothing is clipped, outliers make steps coarse. */
  MINMAX {
    @Override
    public Range range(Histogram h) {
      return new Range(Math.min(0, h.least()), Math.max(0, h.greatest()));
    }
  },

  /**
   * The smallest range that leaves at most a fraction of {@value #TAIL} of all values outside at
   * each end.
   */
  PERCENTILE {
    @Override
    public Range range(Histogram h) {
      Range all = MINMAX.range(h);
      double allowed = TAIL * h.total();
      double[] counts = h.counts();
      int first = 0;
      for (double below = counts[0]; below <= allowed && first < counts.length - 1; ) {
        below += counts[++first];
      }
      int last = counts.length - 1;
      for (double above = counts[last]; above <= allowed && last > 0; ) {
        above += counts[--last];
      }
      double low = h.low() + first * h.binWidth();
      double high = h.low() + (last + 1) * h.binWidth();
      return new Range(
          Math.min(0, Math.max(all.low(), low)), Math.max(0, Math.min(all.high(), high)));
    }
  },

  /**
   * The range, among scaled versions of {@link #MINMAX}'s, with the least {@link #squaredError}.
   * Few outliers are worth clipping when that makes the steps of the many finer.
   */
  MSE {
    @Override
    public Range range(Histogram h) {
      Range all = MINMAX.range(h);
      Range best = all;
      double least = Double.POSITIVE_INFINITY;
      for (int i = CANDIDATES; i >= 1; i--) {
        Range candidate = all.times((double) i / CANDIDATES);
        double error = squaredError(h, candidate);
        if (error < least) {
          least = error;
          best = candidate;
        }
      }
      return best;
    }
  },

  /**
   * The range whose quantized distribution diverges least from the original one, by Kullback and
   * Leibler's measure, as TensorRT calibrates: see {@link EntropyRange}.
   */
  ENTROPY {
    @Override
    public Range range(Histogram h) {
      return EntropyRange.of(h);
    }
  };

  private static final double TAIL = 1e-4;
  private static final int CANDIDATES = 128;

  /** The range for a tensor with that histogram; it holds zero. */
  public abstract Range range(Histogram histogram);

  /** The name on the command line and in manifests, as in {@code mse}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The method of that name. */
  static RangeMethod of(String id) {
    return valueOf(id.toUpperCase(Locale.ROOT));
  }

  /**
   * The error of quantizing and dequantizing: {@code sum over bins of count * (centre -
   * dequantize(quantize(centre)))^2}.
   */
  static double squaredError(Histogram h, Range range) {
    QuantParams mapping = range.activation();
    double sum = 0;
    double[] counts = h.counts();
    for (int bin = 0; bin < counts.length; bin++) {
      if (counts[bin] > 0) {
        double x = h.centre(bin);
        double error = x - mapping.real(mapping.code(x));
        sum += counts[bin] * error * error;
      }
    }
    return sum;
  }
}
