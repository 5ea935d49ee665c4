package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import java.util.Map;

/**
 * A network in integers: what {@link Int8Program} is written from.
 *
 * <p>Activations are unsigned 8-bit per tensor, {@code real = scale * (code - zeroPoint)}; weights
 * are signed 8-bit per output channel, symmetric, {@code real = scale[o] * code}. The pixels are
 * codes already, with scale 1 and zero point 0. A convolution gives {@code code =
 * clamp(round(relu(sum(x_code - x_zero) * w_code * x_scale * w_scale[o] + bias[o] + shortcut) /
 * scale) + zeroPoint, 0, 255)}, rounding half to even.
 *
 * @param network the architecture
 * @param convolutions by the convolution's name
 * @param activations by the index of the node whose output they describe: every fused convolution's
 * @param linearWeight float32 {@code [classes, features]} of the classifier
 * @param linearBias float32 {@code [classes]}
 */
public record QuantizedNetwork(
    Network network,
    Map<String, Conv> convolutions,
    Map<Integer, Activation> activations,
    float[] linearWeight,
    float[] linearBias) {

  /** Padding of the first convolution: ImageNet's mean colour, rounded to pixels. */
  static final int[] MEAN_COLOUR = {124, 116, 104};

  /** Copies the maps. */
  public QuantizedNetwork {
    convolutions = Map.copyOf(convolutions);
    activations = Map.copyOf(activations);
  }

  /**
   * A convolution's integers.
   *
   * @param weight codes {@code [out, in, kernel, kernel]} row-major
   * @param scale per output channel
   * @param bias float32 per output channel, added after scaling
   */
  public record Conv(byte[] weight, float[] scale, float[] bias) {
    /**
     * The first convolution for raw pixels: {@code w * (pixel - mean) + bias = w * pixel + (bias -
     * sum of w * mean)}. The sum takes the weights as they were rounded, so that an image of the
     * mean colour suffers no error at all.
     */
    public Conv withMeanInBias(Node.Conv geometry) {
      int perInput = geometry.kernel() * geometry.kernel();
      int perOutput = geometry.inChannels() * perInput;
      float[] shifted = bias.clone();
      for (int o = 0; o < shifted.length; o++) {
        double sum = 0;
        for (int k = 0; k < perOutput; k++) {
          sum += weight[o * perOutput + k] * (double) Normalization.meanPixel(k / perInput);
        }
        shifted[o] = (float) (bias[o] - sum * scale[o]);
      }
      return new Conv(weight, scale, shifted);
    }
  }

  /**
   * A tensor's mapping from codes to reals.
   *
   * @param scale real value of one step
   * @param zeroPoint the code of zero, 0 to 255
   */
  public record Activation(float scale, int zeroPoint) {
    /** Checks that the mapping is usable. */
    public Activation {
      if (!(scale > 0) || Float.isInfinite(scale)) {
        throw new IllegalArgumentException("a scale is positive and finite, not " + scale);
      }
      if (zeroPoint < 0 || zeroPoint > 255) {
        throw new IllegalArgumentException("a zero point is a code, 0 to 255, not " + zeroPoint);
      }
    }

    /** The code of a real: {@code clamp(round(x / scale) + zeroPoint, 0, 255)}, half to even. */
    public int code(double real) {
      return (int) Math.max(0, Math.min(255, Math.rint(real / scale) + zeroPoint));
    }

    /** The real that a code stands for: {@code scale * (code - zeroPoint)}. */
    public double real(int code) {
      return (double) scale * (code - zeroPoint);
    }
  }
}
