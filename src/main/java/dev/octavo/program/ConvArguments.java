package dev.octavo.program;

import dev.octavo.network.Extent;
import dev.octavo.network.Geometry;

/** A convolution's geometry as libtorch's operators take it. */
final class ConvArguments {
  private ConvArguments() {}

  /** Stride, padding, dilation, groups: ATen's order, and that of quantized operators. */
  static String strideFirst(Geometry g) {
    return "%s, %s, %s, %d"
        .formatted(pair(g.stride()), pair(g.padding()), pair(g.dilation()), g.groups());
  }

  /** Padding, stride, dilation, groups: the order of {@code mkldnn}'s operators. */
  static String paddingFirst(Geometry g) {
    return "%s, %s, %s, %d"
        .formatted(pair(g.padding()), pair(g.stride()), pair(g.dilation()), g.groups());
  }

  /** Stride, padding, dilation, transposed, output padding, groups: as backward takes them. */
  static String backward(Geometry g) {
    return "%s, %s, %s, False, [0, 0], %d"
        .formatted(pair(g.stride()), pair(g.padding()), pair(g.dilation()), g.groups());
  }

  /** Height, then width. */
  static String pair(Extent extent) {
    return "[%d, %d]".formatted(extent.height(), extent.width());
  }

  /** Both directions alike. */
  static String pair(int value) {
    return "[%d, %d]".formatted(value, value);
  }
}
