package dev.octavo.image;

import dev.octavo.image.codec.PixelView;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Antialiased resampling, to the bit as Pillow's {@code Image.resize(size, Image.BILINEAR)} or
 * {@code BICUBIC} does it ({@code libImaging/Resample.c}), of only those pixels that a crop keeps.
 *
 * <p>Per axis, output pixel {@code o} has its centre at {@code c = (o + 1/2) s} in the input, where
 * {@code s} = input size / output size, and is the weighted mean of the input pixels {@code i} with
 * weights {@code f((i + 1/2 - c) / max(s, 1))} with {@code f} the {@link Interpolation}: a filter
 * that widens with the reduction, so that nothing is skipped. Weights are scaled to sum 2²²,
 * rounded to integers, and applied horizontally first; both passes round to 8 bits. Of images that
 * were decoded reduced, {@link AxisFilter} says how the weights follow.
 *
 * <p>Holds scratch memory: one instance per thread.
 */
final class Resampler {
  private static final int PRECISION_BITS = AxisFilter.PRECISION_BITS;
  private static final int HALF = 1 << (PRECISION_BITS - 1);

  private final AxisFilter across;
  private final AxisFilter down;

  /** The horizontally resampled rows that the vertical filter needs at a time, as a ring. */
  private int[] ring = {};

  private int[] sums = {};
  private byte[] inputRow = {};
  private byte[] outputRow = {};

  Resampler(Interpolation interpolation) {
    this.across = new AxisFilter(interpolation);
    this.down = new AxisFilter(interpolation);
  }

  /** Part of an image, treated as if there were nothing around it. */
  record Region(int x, int y, int width, int height) {}

  /** The direction of output rows: written from left to right or mirrored. */
  enum Direction {
    LEFT_TO_RIGHT,
    MIRRORED
  }

  /**
   * Resamples {@code from} to {@code width × height} pixels and writes the part {@code crop} of the
   * result: {@code crop.height × crop.width × 3} bytes at the buffer's position, which advances.
   */
  void resample(
      PixelView image,
      Region from,
      int width,
      int height,
      Region crop,
      Direction direction,
      ByteBuffer into) {
    boolean everyPixel = image.across().reduction() == 1 && image.down().reduction() == 1;
    boolean sameSize = from.width == width && from.height == height;
    if (sameSize && everyPixel && direction == Direction.LEFT_TO_RIGHT) {
      copy(image, from, crop, into);
      return;
    }
    across.prepare(image.across(), from.x, from.width, width, crop.x, crop.width);
    down.prepare(image.down(), from.y, from.height, height, crop.y, crop.height);
    int left = across.first()[0];
    int columns = across.end()[crop.width - 1] - left;
    reserve(columns, crop.width);
    int rowLength = 3 * crop.width;
    int nextRow = 0;
    for (int y = 0; y < crop.height; y++) {
      int end = down.end()[y];
      for (nextRow = Math.max(nextRow, down.first()[y]); nextRow < end; nextRow++) {
        image.copyRow(nextRow, left, columns, inputRow, 0);
        filterRow(left, crop.width, direction, nextRow % down.taps() * rowLength);
      }
      filterColumns(y, rowLength);
      into.put(outputRow, 0, rowLength);
    }
  }

  private void reserve(int columns, int cropWidth) {
    int rowLength = 3 * cropWidth;
    if (inputRow.length < 3 * columns) {
      inputRow = new byte[3 * columns];
    }
    if (ring.length < down.taps() * rowLength) {
      ring = new int[down.taps() * rowLength];
    }
    if (outputRow.length < rowLength) {
      outputRow = new byte[rowLength];
      sums = new int[rowLength];
    }
  }

  private void copy(PixelView image, Region from, Region crop, ByteBuffer into) {
    reserve(crop.width, crop.width);
    for (int y = 0; y < crop.height; y++) {
      image.copyRow(from.y + crop.y + y, from.x + crop.x, crop.width, inputRow, 0);
      into.put(inputRow, 0, 3 * crop.width);
    }
  }

  /** One row of the input, whose first sample is {@code left}, filtered into the ring. */
  private void filterRow(int left, int width, Direction direction, int ringRow) {
    byte[] in = inputRow;
    int[] out = ring;
    int[] firsts = across.first();
    int[] ends = across.end();
    int[] weights = across.values();
    int taps = across.taps();
    int step = direction == Direction.MIRRORED ? -3 : 3;
    int to = direction == Direction.MIRRORED ? ringRow + 3 * (width - 1) : ringRow;
    for (int x = 0; x < width; x++, to += step) {
      int first = firsts[x];
      int at = 3 * (first - left);
      int weight = x * taps;
      int end = weight + ends[x] - first;
      int red = HALF;
      int green = HALF;
      int blue = HALF;
      for (; weight < end; weight++, at += 3) {
        int w = weights[weight];
        red += w * (in[at] & 0xff);
        green += w * (in[at + 1] & 0xff);
        blue += w * (in[at + 2] & 0xff);
      }
      out[to] = clip(red);
      out[to + 1] = clip(green);
      out[to + 2] = clip(blue);
    }
  }

  /** One row of the output: the ring's rows, weighted. These loops run in vector registers. */
  private void filterColumns(int y, int rowLength) {
    int[] sums = this.sums;
    int[] ring = this.ring;
    Arrays.fill(sums, 0, rowLength, HALF);
    int weight = y * down.taps();
    int end = down.end()[y];
    for (int row = down.first()[y]; row < end; row++, weight++) {
      int w = down.values()[weight];
      int start = row % down.taps() * rowLength;
      for (int i = 0; i < rowLength; i++) {
        sums[i] += w * ring[start + i];
      }
    }
    for (int i = 0; i < rowLength; i++) {
      outputRow[i] = (byte) clip(sums[i]);
    }
  }

  /**
   * Cubic weights and those of a reduced image may be negative, so that sums can leave the range.
   */
  private static int clip(int sum) {
    return Math.max(0, Math.min(255, sum >> PRECISION_BITS));
  }
}
