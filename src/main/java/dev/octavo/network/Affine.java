package dev.octavo.network;

/**
 * An affine map of vectors, {@code [N, in]} to {@code [N, out]}, with a weight and a bias.
 *
 * @param name of weight and bias, as in {@code fc}
 * @param in features
 * @param out features
 * @param form of the weight
 */
public record Affine(String name, int in, int out, Form form) {
  /** The shape of a weight in torchvision's state dict. */
  public enum Form {
    /** {@code [out, in]}. */
    LINEAR,
    /** {@code [out, in, 1, 1]}. */
    POINTWISE_CONVOLUTION
  }

  /** Shape of the weight in torchvision's state dict. */
  public long[] weightShape() {
    return form == Form.LINEAR ? new long[] {out, in} : new long[] {out, in, 1, 1};
  }
}
