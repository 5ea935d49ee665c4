package dev.octavo.image;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Antialiased bilinear resampling, to the bit as Pillow's {@code Image.resize(size,
 * Image.BILINEAR)} does it ({@code libImaging/Resample.c}), of only those pixels that a crop keeps.
 *
 * <p>Per axis, output pixel {@code o} has its centre at {@code c = (o + 1/2) s} in the input, where
 * {@code s} = input size / output size, and is the weighted mean of the input pixels {@code i} with
 * weights {@code max(0, 1 - |i + 1/2 - c| / max(s, 1))}: a triangle that widens with the reduction,
 * so that nothing is skipped. Weights are scaled to sum 2²², rounded to integers, and applied
 * horizontally first; both passes round to 8 bits.
 *
 * <p>Holds scratch memory: one instance per thread.
 */
final class Resampler {
  private static final int PRECISION_BITS = 32 - 8 - 2;
  private static final int HALF = 1 << (PRECISION_BITS - 1);

  /** The horizontally resampled rows that the vertical filter needs at a time, as a ring. */
  private int[] ring = {};

  private int[] sums = {};
  private byte[] outputRow = {};

  /** Part of an image, treated as if there were nothing around it. */
  record Region(int x, int y, int width, int height) {}

  /** Whether output rows are written from left to right or mirrored. */
  enum Direction {
    LEFT_TO_RIGHT,
    MIRRORED
  }

  /**
   * Resamples {@code from} to {@code width × height} pixels and writes the part {@code crop} of the
   * result: {@code crop.height × crop.width × 3} bytes at the buffer's position, which advances.
   */
  void resample(
      RgbImage image,
      Region from,
      int width,
      int height,
      Region crop,
      Direction direction,
      ByteBuffer into) {
    if (from.width == width && from.height == height && direction == Direction.LEFT_TO_RIGHT) {
      copy(image, from, crop, into);
      return;
    }
    Weights across = Weights.of(from.width, width, crop.x, crop.width);
    Weights down = Weights.of(from.height, height, crop.y, crop.height);
    int rowLength = 3 * crop.width;
    if (ring.length < down.taps * rowLength) {
      ring = new int[down.taps * rowLength];
    }
    if (outputRow.length < rowLength) {
      outputRow = new byte[rowLength];
      sums = new int[rowLength];
    }
    int nextRow = 0;
    for (int y = 0; y < crop.height; y++) {
      int first = down.first[y];
      int end = first + down.count[y];
      for (nextRow = Math.max(nextRow, first); nextRow < end; nextRow++) {
        int source = 3 * ((from.y + nextRow) * image.width() + from.x);
        filterRow(image.pixels(), source, across, direction, nextRow % down.taps * rowLength);
      }
      filterColumns(down, y, rowLength);
      into.put(outputRow, 0, rowLength);
    }
  }

  private static void copy(RgbImage image, Region from, Region crop, ByteBuffer into) {
    for (int y = 0; y < crop.height; y++) {
      int row = (from.y + crop.y + y) * image.width() + from.x + crop.x;
      into.put(image.pixels(), 3 * row, 3 * crop.width);
    }
  }

  /** One row of the input, filtered horizontally into the ring. */
  private void filterRow(
      byte[] pixels, int source, Weights weights, Direction direction, int ringRow) {
    int[] out = ring;
    int step = direction == Direction.MIRRORED ? -3 : 3;
    int to = direction == Direction.MIRRORED ? ringRow + 3 * (weights.first.length - 1) : ringRow;
    for (int x = 0; x < weights.first.length; x++, to += step) {
      int at = source + 3 * weights.first[x];
      int weight = x * weights.taps;
      int end = weight + weights.count[x];
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      for (; weight < end; weight++, at += 3) {
        int w = weights.values[weight];
        red += w * (pixels[at] & 0xff);
        green += w * (pixels[at + 1] & 0xff);
        blue += w * (pixels[at + 2] & 0xff);
      }
      out[to] = red >> PRECISION_BITS;
      out[to + 1] = green >> PRECISION_BITS;
      out[to + 2] = blue >> PRECISION_BITS;
    }
  }

  /** One row of the output: the ring's rows, weighted. These loops run in vector registers. */
  private void filterColumns(Weights weights, int y, int rowLength) {
    int[] sums = this.sums;
    Arrays.fill(sums, 0, rowLength, HALF);
    for (int tap = 0; tap < weights.count[y]; tap++) {
      int w = weights.values[y * weights.taps + tap];
      int row = (weights.first[y] + tap) % weights.taps * rowLength;
      for (int i = 0; i < rowLength; i++) {
        sums[i] += w * ring[row + i];
      }
    }
    for (int i = 0; i < rowLength; i++) {
      outputRow[i] = (byte) (sums[i] >> PRECISION_BITS);
    }
  }

  /**
   * The filter of one axis, for the output pixels of a crop.
   *
   * @param taps the most input pixels that one output pixel can need
   * @param first per output pixel, the first input pixel
   * @param count per output pixel, how many input pixels
   * @param values weights, {@code taps} per output pixel, scaled by 2²²
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Weights(int taps, int[] first, int[] count, int[] values) {

    /** In the order of operations that Pillow has, because rounding depends on it. */
    static Weights of(int inputSize, int outputSize, int cropStart, int cropSize) {
      double scale = (double) inputSize / outputSize;
      double support = Math.max(scale, 1.0);
      int taps = (int) Math.ceil(support) * 2 + 1;
      int[] first = new int[cropSize];
      int[] count = new int[cropSize];
      int[] values = new int[cropSize * taps];
      double[] exact = new double[taps];
      double inverse = 1.0 / support;
      for (int o = 0; o < cropSize; o++) {
        double center = (cropStart + o + 0.5) * scale;
        int from = Math.max((int) (center - support + 0.5), 0);
        int n = Math.min((int) (center + support + 0.5), inputSize) - from;
        double sum = 0;
        for (int i = 0; i < n; i++) {
          exact[i] = Math.max(0, 1 - Math.abs((i + from - center + 0.5) * inverse));
          sum += exact[i];
        }
        for (int i = 0; i < n; i++) {
          double weight = sum == 0 ? exact[i] : exact[i] / sum;
          values[o * taps + i] = (int) (0.5 + weight * (1 << PRECISION_BITS));
        }
        first[o] = from;
        count[o] = n;
      }
      return new Weights(taps, first, count, values);
    }
  }
}
