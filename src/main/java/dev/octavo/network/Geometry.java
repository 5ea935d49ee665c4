package dev.octavo.network;

import java.util.Objects;

/**
 * The movement of a window over a feature map, and the channels that it reads.
 *
 * @param kernel height and width of the window
 * @param stride step of the window
 * @param padding zeros (of the normalised input) added above and below, and on the left and right
 * @param dilation distance between neighbouring taps of the window
 * @param groups number of groups of channels: output channels of one group read the input channels
 *     of the same group alone
 */
public record Geometry(Extent kernel, int stride, Extent padding, int dilation, int groups) {
  private static final Extent NONE = Extent.square(0);

  /** Checks the ranges. */
  public Geometry {
    Objects.requireNonNull(kernel, "kernel");
    Objects.requireNonNull(padding, "padding");
    if (Math.min(kernel.height(), kernel.width()) < 1
        || stride < 1
        || Math.min(padding.height(), padding.width()) < 0
        || dilation < 1
        || groups < 1) {
      throw new IllegalArgumentException(
          "no window: kernel %s, stride %d, padding %s, dilation %d, groups %d"
              .formatted(kernel, stride, padding, dilation, groups));
    }
  }

  /** A square window, padded alike on all sides. */
  public Geometry(int kernel, int stride, int padding, int dilation, int groups) {
    this(Extent.square(kernel), stride, Extent.square(padding), dilation, groups);
  }

  /** An odd window over all channels, padded so that at stride 1 the output is as large. */
  public static Geometry of(int kernel, int stride) {
    return new Geometry(kernel, stride, kernel / 2, 1, 1);
  }

  /**
   * A window of odd sides over all channels, at stride 1, padded so that the output is as large.
   */
  public static Geometry rectangular(int height, int width) {
    return new Geometry(new Extent(height, width), 1, new Extent(height / 2, width / 2), 1, 1);
  }

  /** The same window over groups of channels. */
  public Geometry withGroups(int number) {
    return new Geometry(kernel, stride, padding, dilation, number);
  }

  /** The same window at another stride. */
  public Geometry withStride(int number) {
    return new Geometry(kernel, number, padding, dilation, groups);
  }

  /** The same window over an image that was padded before, or none. */
  public Geometry withoutPadding() {
    return new Geometry(kernel, stride, NONE, dilation, groups);
  }

  /** Taps of the window: height times width. */
  public int taps() {
    return kernel.area();
  }

  /** Returns whether the output at each place is one of the input at one place. */
  public boolean isPointwise() {
    return taps() == 1 && padding.equals(NONE);
  }

  /**
   * Height and width of the output for an input of that height and width.
   *
   * @throws IllegalArgumentException if they differ
   */
  public int outputSize(int inputSize) {
    int height = outputSize(inputSize, kernel.height(), padding.height());
    if (height != outputSize(inputSize, kernel.width(), padding.width())) {
      throw new IllegalArgumentException(
          "a window of %s padded by %s makes no square of a square".formatted(kernel, padding));
    }
    return height;
  }

  private int outputSize(int inputSize, int taps, int added) {
    return (inputSize + 2 * added - dilation * (taps - 1) - 1) / stride + 1;
  }
}
