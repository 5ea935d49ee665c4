package dev.octavo.network;

/**
 * The movement of a square window over a feature map, and the channels that it reads.
 *
 * @param kernel height and width of the window
 * @param stride step of the window
 * @param padding zeros (of the normalised input) added on each side
 * @param dilation distance between neighbouring taps of the window
 * @param groups number of groups of channels: output channels of one group read the input channels
 *     of the same group alone
 */
public record Geometry(int kernel, int stride, int padding, int dilation, int groups) {
  /** Checks the ranges. */
  public Geometry {
    if (kernel < 1 || stride < 1 || padding < 0 || dilation < 1 || groups < 1) {
      throw new IllegalArgumentException(
          "no window: kernel %d, stride %d, padding %d, dilation %d, groups %d"
              .formatted(kernel, stride, padding, dilation, groups));
    }
  }

  /** An odd window over all channels, padded so that at stride 1 the output is as large. */
  public static Geometry of(int kernel, int stride) {
    return new Geometry(kernel, stride, kernel / 2, 1, 1);
  }

  /** The same window over groups of channels. */
  public Geometry withGroups(int number) {
    return new Geometry(kernel, stride, padding, dilation, number);
  }

  /** The same window at another stride. */
  public Geometry withStride(int number) {
    return new Geometry(kernel, number, padding, dilation, groups);
  }

  /** The same window over an image that was padded before. */
  public Geometry withoutPadding() {
    return new Geometry(kernel, stride, 0, dilation, groups);
  }

  /** Taps of the window: height times width. */
  public int taps() {
    return kernel * kernel;
  }

  /** Height and width of the output for an input of that height and width. */
  public int outputSize(int inputSize) {
    return (inputSize + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
  }
}
