package dev.octavo.quantize;

import java.util.Arrays;

/**
 * Entropy calibration: the clipping threshold whose quantized distribution tells the least lies
 * about the original one, as TensorRT chooses it (Szymon Migacz, "8-bit Inference with TensorRT",
 * GTC 2017).
 *
 * <p>For every number {@code i} of bins from {@value #LEVELS} to all of them:
 *
 * <ul>
 *   <li>{@code P} is the histogram's first {@code i} bins (for a signed tensor the {@code i} bins
 *       around zero); what lies outside is added to the outermost bin, as saturation does.
 *   <li>{@code Q} is the same bins without what lies outside, merged into {@value #LEVELS} levels;
 *       each level is spread evenly over those of its bins that are not empty.
 *   <li>The cost is the Kullback-Leibler divergence {@code sum P log(P / Q)} of both, each scaled
 *       to sum 1. It is infinite where {@code Q} is 0 and {@code P} is not.
 * </ul>
 *
 * <p>The {@code i} of the least cost wins; of equals the largest. The bin of zero is first given
 * its neighbour's count (as NVIDIA's pytorch-quantization does): ReLU's zeros have a code of their
 * own, whatever the threshold, and would drown everything else.
 */
final class EntropyRange {
  private static final int LEVELS = 256;

  private EntropyRange() {}

  static Range of(Histogram h) {
    Range all = RangeMethod.MINMAX.range(h);
    boolean signed = h.low() < 0;
    double[] counts = withoutZeros(h, signed);
    int step = signed ? 2 : 1;
    int best = counts.length;
    double least = Double.POSITIVE_INFINITY;
    for (int bins = counts.length; bins >= LEVELS; bins -= step) {
      int from = signed ? (counts.length - bins) / 2 : 0;
      double divergence = divergence(counts, from, from + bins);
      if (divergence < least) {
        least = divergence;
        best = bins;
      }
    }
    double threshold = best * h.binWidth() / step;
    return new Range(Math.max(all.low(), -threshold), Math.min(all.high(), threshold));
  }

  private static double[] withoutZeros(Histogram h, boolean signed) {
    double[] counts = h.counts().clone();
    if (!signed) {
      counts[0] = counts[1];
    }
    return counts;
  }

  /** The cost of clipping to the bins {@code [from, to)}. */
  private static double divergence(double[] counts, int from, int to) {
    double[] p = Arrays.copyOfRange(counts, from, to);
    double[] q = requantized(p);
    for (int i = 0; i < from; i++) {
      p[0] += counts[i];
    }
    for (int i = to; i < counts.length; i++) {
      p[p.length - 1] += counts[i];
    }
    double sumP = Arrays.stream(p).sum();
    double sumQ = Arrays.stream(q).sum();
    double divergence = 0;
    for (int i = 0; i < p.length; i++) {
      if (p[i] > 0) {
        divergence += p[i] / sumP * Math.log(p[i] / sumP * sumQ / q[i]);
      }
    }
    return divergence;
  }

  /** The bins merged into levels and spread again over the bins that were not empty. */
  private static double[] requantized(double[] bins) {
    double[] result = new double[bins.length];
    for (int level = 0; level < LEVELS; level++) {
      int from = (int) ((long) level * bins.length / LEVELS);
      int to = (int) ((level + 1L) * bins.length / LEVELS);
      double sum = 0;
      int occupied = 0;
      for (int i = from; i < to; i++) {
        sum += bins[i];
        occupied += bins[i] > 0 ? 1 : 0;
      }
      for (int i = from; i < to; i++) {
        result[i] = bins[i] > 0 ? sum / occupied : 0;
      }
    }
    return result;
  }
}
