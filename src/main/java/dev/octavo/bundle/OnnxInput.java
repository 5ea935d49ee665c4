package dev.octavo.bundle;

import dev.octavo.onnx.OnnxGraph;
import dev.octavo.tensor.DType;
import java.util.List;
import java.util.OptionalInt;

/**
 * The images that an ONNX model takes.
 *
 * @param dtype {@code UINT8} for pixels as they are, {@code FLOAT32} for normalised ones
 * @param layout the order of the dimensions
 * @param batch images per call, where the model fixes it
 * @param size height and width, where the model fixes them
 */
public record OnnxInput(DType dtype, Layout layout, OptionalInt batch, OptionalInt size) {
  private static final int CHANNELS = 3;

  /** The order of the dimensions. */
  public enum Layout {
    /** {@code [N, 3, H, W]}. */
    CHANNELS_FIRST,
    /** {@code [N, H, W, 3]}. */
    CHANNELS_LAST
  }

  /**
   * The input of a model.
   *
   * @throws IllegalArgumentException if it takes anything but colour images, with what it takes
   */
  static OnnxInput of(OnnxGraph graph) {
    List<OnnxGraph.Value> inputs = graph.inputs();
    if (inputs.size() != 1) {
      throw new IllegalArgumentException(
          "it has %d inputs %s, where a classifier has one"
              .formatted(inputs.size(), inputs.stream().map(OnnxGraph.Value::name).toList()));
    }
    OnnxGraph.Value input = inputs.get(0);
    DType dtype = input.dtype().orElse(null);
    if (dtype != DType.FLOAT32 && dtype != DType.UINT8) {
      throw new IllegalArgumentException(
          "its input '%s' is %s, neither FLOAT32 nor UINT8: export it with such an input"
              .formatted(input.name(), input));
    }
    long[] shape = input.shape();
    boolean images = shape.length == 4 && (isColour(shape[1]) || isColour(shape[3]));
    if (!images) {
      throw new IllegalArgumentException(
          "its input '%s' is %s, but images are [N, 3, height, width] or [N, height, width, 3]"
              .formatted(input.name(), input));
    }
    boolean first = shape[1] == CHANNELS || shape[3] != CHANNELS;
    long height = shape[first ? 2 : 1];
    long width = shape[first ? 3 : 2];
    boolean square = height == width || height == OnnxGraph.ANY || width == OnnxGraph.ANY;
    long size = Math.max(height, width);
    if (!square || size == 0 || size > BundleManifest.MAX_IMAGE_SIZE) {
      throw new IllegalArgumentException(
          "its input '%s' is %s: images are squares of at most %d pixels"
              .formatted(input.name(), input, BundleManifest.MAX_IMAGE_SIZE));
    }
    return new OnnxInput(
        dtype, first ? Layout.CHANNELS_FIRST : Layout.CHANNELS_LAST, fixed(shape[0]), fixed(size));
  }

  private static boolean isColour(long channels) {
    return channels == CHANNELS || channels == OnnxGraph.ANY;
  }

  private static OptionalInt fixed(long size) {
    return size > 0 ? OptionalInt.of(Math.toIntExact(size)) : OptionalInt.empty();
  }

  /** The shape of a batch of squares. */
  long[] shape(int images, int side) {
    return layout == Layout.CHANNELS_FIRST
        ? new long[] {images, CHANNELS, side, side}
        : new long[] {images, side, side, CHANNELS};
  }
}
