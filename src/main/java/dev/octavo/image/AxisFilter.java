package dev.octavo.image;

import dev.octavo.image.codec.PixelView.Axis;
import java.util.Arrays;

/**
 * The weights with which samples along one axis of an image become the pixels of a resized one, of
 * only those that a crop keeps. Computed again for each image in the same memory.
 *
 * <p><b>Reduced images.</b> Sample {@code j} is the mean of the {@code n} pixels {@code n j … n j +
 * n - 1} (libjpeg's reduced inverse DCT averages neighbours of the full one). The pixels within are
 * taken to lie on the slope between the neighbours: pixel {@code i} is {@code s[j] + (i - c) / n *
 * (s[j + 1] - s[j - 1]) / 2} with {@code c} the middle of the sample. That keeps every mean, and
 * being linear it is no work per image but only other weights: those of the full image, spread over
 * the samples. All is computed from the image's own size, so that neither scale nor crop move where
 * a size is no multiple of {@code n}.
 */
final class AxisFilter {
  static final int PRECISION_BITS = 32 - 8 - 2;

  /** The most samples that one output pixel can need. */
  private int taps;

  /** Per output pixel, the first sample. */
  private int[] first = {};

  /** Per output pixel, the sample after the last. */
  private int[] end = {};

  /** Weights, {@code taps} per output pixel, scaled by 2²². */
  private int[] values = {};

  private final Interpolation interpolation;
  private double[] exact = {};
  private double[] spread = {};
  private Key made;

  /** All that the weights depend on. */
  private record Key(
      Axis axis, int start, int inputSize, int outputSize, int cropStart, int cropSize) {}

  AxisFilter(Interpolation interpolation) {
    this.interpolation = interpolation;
  }

  int taps() {
    return taps;
  }

  int[] first() {
    return first;
  }

  int[] end() {
    return end;
  }

  int[] values() {
    return values;
  }

  /**
   * The filter that resizes {@code inputSize} pixels of an axis, from {@code start} on, to {@code
   * outputSize}, for the output pixels {@code cropStart} to {@code cropStart + cropSize - 1}.
   */
  void prepare(Axis axis, int start, int inputSize, int outputSize, int cropStart, int cropSize) {
    Key key = new Key(axis, start, inputSize, outputSize, cropStart, cropSize);
    if (key.equals(made)) {
      return;
    }
    made = null;
    // In the order of operations that Pillow has, because rounding depends on it.
    double scale = (double) inputSize / outputSize;
    double filterScale = Math.max(scale, 1.0);
    double support = interpolation.support() * filterScale;
    int pixels = (int) Math.ceil(support) * 2 + 1;
    int reduction = axis.reduction();
    taps = reduction == 1 ? pixels : (pixels + reduction - 2) / reduction + 3;
    reserve(cropSize, pixels);
    double inverse = 1.0 / filterScale;
    for (int o = 0; o < cropSize; o++) {
      double center = (cropStart + o + 0.5) * scale;
      int from = Math.max((int) (center - support + 0.5), 0);
      int n = Math.min((int) (center + support + 0.5), inputSize) - from;
      double sum = 0;
      for (int i = 0; i < n; i++) {
        exact[i] = interpolation.weight((i + from - center + 0.5) * inverse);
        sum += exact[i];
      }
      for (int i = 0; i < n; i++) {
        exact[i] = sum == 0 ? exact[i] : exact[i] / sum;
      }
      if (reduction == 1) {
        put(o, start + from, n, exact);
      } else {
        spread(o, axis, axis.lead() + start + from, n);
      }
    }
    made = key;
  }

  private void reserve(int cropSize, int pixels) {
    if (first.length < cropSize) {
      first = new int[cropSize];
      end = new int[cropSize];
    }
    if (values.length < cropSize * taps) {
      values = new int[cropSize * taps];
    }
    if (exact.length < pixels) {
      exact = new double[pixels];
      spread = new double[pixels + 4];
    }
  }

  private void put(int output, int from, int n, double[] weights) {
    first[output] = from;
    end[output] = from + n;
    for (int i = 0; i < n; i++) {
      double scaled = weights[i] * (1 << PRECISION_BITS);
      // Pillow rounds halves away from zero.
      values[output * taps + i] =
          (int) (scaled < 0 ? Math.ceil(scaled - 0.5) : Math.floor(scaled + 0.5));
    }
  }

  /** The weights of {@code n} pixels from {@code from} on, as weights of samples. */
  private void spread(int output, Axis axis, int from, int n) {
    int reduction = axis.reduction();
    int last = axis.samples() - 1;
    int lowest = Math.max(from / reduction - 1, 0);
    int highest = Math.min((from + n - 1) / reduction + 1, last);
    Arrays.fill(spread, 0, highest - lowest + 1, 0);
    for (int i = 0; i < n; i++) {
      int sample = (from + i) / reduction;
      double fromMiddle = (from + i) % reduction - (reduction - 1) / 2.0;
      double slope = exact[i] * fromMiddle / (2 * reduction);
      spread[sample - lowest] += exact[i];
      spread[Math.min(sample + 1, last) - lowest] += slope;
      spread[Math.max(sample - 1, 0) - lowest] -= slope;
    }
    put(output, lowest, highest - lowest + 1, spread);
  }
}
