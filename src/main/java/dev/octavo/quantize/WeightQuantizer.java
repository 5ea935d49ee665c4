package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.QuantizedNetwork;

/**
 * Symmetric quantization of weights per output channel: {@code scale[o] = max|w[o]| / L}, {@code
 * code = round(w / scale[o])} in {@code [-L, L]} with {@code L = 2^(bits-1) - 1}; rounding half to
 * even. A channel of zeros has codes 0 and scale 1.
 *
 * @param bits 8, or 7 for CPUs that sum products of bytes in 16 bits
 */
public record WeightQuantizer(int bits) {
  /** Refuses other widths. */
  public WeightQuantizer {
    if (bits != 7 && bits != 8) {
      throw new IllegalArgumentException("weights have 7 or 8 bits, not " + bits);
    }
  }

  /** The greatest code. */
  public int levels() {
    return (1 << (bits - 1)) - 1;
  }

  /**
   * Quantizes a convolution, rounding to the nearest code; its bias stays as it is.
   *
   * @param name for messages
   * @throws OctavoException if a weight or bias isn't finite
   */
  public QuantizedNetwork.Conv quantize(String name, FoldedNetwork.Conv conv) {
    float[] scales = scales(name, conv);
    int perChannel = conv.weight().length / scales.length;
    byte[] codes = new byte[conv.weight().length];
    for (int k = 0; k < codes.length; k++) {
      codes[k] = code(conv.weight()[k], scales[k / perChannel]);
    }
    return new QuantizedNetwork.Conv(codes, scales, conv.bias());
  }

  /**
   * The scale of each output channel.
   *
   * @param name for messages
   * @throws OctavoException if a weight or bias isn't finite
   */
  float[] scales(String name, FoldedNetwork.Conv conv) {
    int channels = conv.bias().length;
    int perChannel = conv.weight().length / channels;
    float[] scales = new float[channels];
    for (int o = 0; o < channels; o++) {
      // Math.max passes a NaN on; infinity times zero makes one of an infinite bias.
      float greatest = conv.bias()[o] * 0;
      for (int k = 0; k < perChannel; k++) {
        greatest = Math.max(greatest, Math.abs(conv.weight()[o * perChannel + k]));
      }
      if (!Float.isFinite(greatest)) {
        throw new OctavoException(
            "%s has a weight or bias that is not finite in output channel %d: it can't be quantized"
                .formatted(name, o));
      }
      float scale = greatest / levels();
      scales[o] = scale < Float.MIN_NORMAL ? 1 : scale;
    }
    return scales;
  }

  /** The code of one weight. */
  byte code(float weight, float scale) {
    double code = Math.rint((double) weight / scale);
    return (byte) Math.max(-levels(), Math.min(levels(), code));
  }

  /** The weights in units of their scale, not rounded yet. */
  static float[] inCodes(FoldedNetwork.Conv conv, float[] scales) {
    int perChannel = conv.weight().length / scales.length;
    float[] real = new float[conv.weight().length];
    for (int k = 0; k < real.length; k++) {
      real[k] = (float) ((double) conv.weight()[k] / scales[k / perChannel]);
    }
    return real;
  }
}
