package dev.octavo.program;

import dev.octavo.image.Normalization;
import dev.octavo.network.Node;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The images as the int8 network takes them: padded with the mean colour, once for all convolutions
 * that read them.
 *
 * @param padding on each side
 * @param normalization whose mean is the padding's colour
 */
public record Int8Pixels(int padding, Normalization normalization) {
  private static final int CHANNELS = 3;

  /**
   * The padding of the convolutions that read the pixels.
   *
   * @throws dev.octavo.OctavoException if anything else reads them, or they differ
   */
  public static Int8Pixels of(FusedNetwork graph, Normalization normalization) {
    int padding = -1;
    for (Layer layer : graph.layers()) {
      if (layer.inputs().contains(Node.PIXELS)) {
        if (!(layer instanceof Layer.Convolution c)
            || !c.conv().geometry().padding().isSquare()
            || (padding >= 0 && padding != c.conv().geometry().padding().height())) {
          throw Int8Source.unsupported(
              graph, layer, "reads the pixels otherwise than as one convolution or alike ones");
        }
        padding = c.conv().geometry().padding().height();
      }
    }
    return new Int8Pixels(padding, normalization);
  }

  int paddedSize(int imageSize) {
    return imageSize + 2 * padding;
  }

  /**
   * Lines that pad {@code images}, uint8 NHWC or float32 NCHW in [0, 1], to {@code padded}, uint8
   * NHWC.
   *
   * @param colour the expression of {@link #meanColour()}
   */
  List<String> padded(String colour) {
    return List.of(
        "if torch.eq(ops.prim.dtype(images), %d):".formatted(ScalarType.BYTE),
        "  pass",
        "else:",
        "  images = torch.to(torch.round(torch.mul(torch.permute(images, [0, 2, 3, 1]), 255.)), %d)"
            .formatted(ScalarType.BYTE),
        "height = torch.size(images, 1)",
        "width = torch.size(images, 2)",
        // Copying a row again and again is quicker than copying three bytes.
        "row = torch.repeat(%s, [1, 1, torch.add(width, %d), 1])".formatted(colour, 2 * padding),
        "padded = torch.contiguous(torch.expand(row, [torch.size(images, 0), torch.add(height, %d), -1, -1]))"
            .formatted(2 * padding),
        "_0 = torch.copy_(torch.narrow(torch.narrow(padded, 1, %1$d, height), 2, %1$d, width), images)"
            .formatted(padding));
  }

  /** The padding's colour, the mean rounded to a pixel: {@code uint8 [1, 1, 1, 3]}. */
  public Tensor meanColour() {
    ByteBuffer colour = ByteBuffer.wrap(normalization.meanColour());
    return Tensor.of(DType.UINT8, new long[] {1, 1, 1, CHANNELS}, colour);
  }
}
