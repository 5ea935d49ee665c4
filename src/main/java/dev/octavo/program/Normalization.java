package dev.octavo.program;

import dev.octavo.tensor.Tensor;

/**
 * ImageNet's per-channel normalisation, {@code (pixel / 255 - mean) / std}, which torchvision's
 * weights expect. Channels are red, green, blue. Source: torchvision's reference training, {@code
 * mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225]}.
 */
public final class Normalization {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private Normalization() {}

  /** Mean on the scale [0, 1]. */
  public static float mean(int channel) {
    return MEAN[channel];
  }

  /** Standard deviation on the scale [0, 1]. */
  public static float std(int channel) {
    return STD[channel];
  }

  /** Mean on the scale of pixels, [0, 255]. */
  static float meanPixel(int channel) {
    return 255f * MEAN[channel];
  }

  /** The means as float32 {@code [1, 3, 1, 1]}. */
  static Tensor meanTensor() {
    return Tensor.of(MEAN, 1, 3, 1, 1);
  }

  /** The standard deviations as float32 {@code [1, 3, 1, 1]}. */
  static Tensor stdTensor() {
    return Tensor.of(STD, 1, 3, 1, 1);
  }
}
