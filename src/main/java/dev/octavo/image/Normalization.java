package dev.octavo.image;

import dev.octavo.OctavoException;
import dev.octavo.tensor.Tensor;
import java.io.Serializable;
import java.util.List;

/**
 * The per-channel normalisation of pixels, {@code (pixel / 255 - mean) / std}, which is part of the
 * programs. Channels are red, green, blue.
 *
 * @param mean on the scale [0, 1], one for each channel
 * @param std standard deviation on the scale [0, 1], one for each channel
 */
public record Normalization(List<Double> mean, List<Double> std) implements Serializable {
  private static final int CHANNELS = 3;

  /**
   * ImageNet's, which torchvision's weights expect. Source: torchvision's reference training and
   * its evaluation preset {@code ImageClassification}.
   */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  /**
   * Checks them.
   *
   * @throws OctavoException.InvalidSetting if a value is none that pixels can be normalised by
   */
  public Normalization {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    OctavoException.InvalidSetting.require(
        mean.size() == CHANNELS && mean.stream().allMatch(m -> m >= 0 && m <= 1),
        "mean",
        mean,
        "three numbers from 0 to 1");
    OctavoException.InvalidSetting.require(
        std.size() == CHANNELS && std.stream().allMatch(s -> s >= 0.001 && s <= 1000),
        "std",
        std,
        "three numbers from 0.001 to 1000");
  }

  /** Mean on the scale [0, 1]. */
  public float mean(int channel) {
    return mean.get(channel).floatValue();
  }

  /** Standard deviation on the scale [0, 1]. */
  public float std(int channel) {
    return std.get(channel).floatValue();
  }

  /** Mean on the scale of pixels, [0, 255]. */
  public float meanPixel(int channel) {
    return 255f * mean(channel);
  }

  /** The mean, rounded to a pixel: red, green, blue. */
  public byte[] meanColour() {
    byte[] colour = new byte[CHANNELS];
    for (int c = 0; c < CHANNELS; c++) {
      colour[c] = (byte) Math.round(meanPixel(c));
    }
    return colour;
  }

  /** The means as float32 {@code [1, 3, 1, 1]}. */
  public Tensor meanTensor() {
    return Tensor.of(new float[] {mean(0), mean(1), mean(2)}, 1, CHANNELS, 1, 1);
  }

  /** The means on the scale of pixels as float32 {@code [1, 3, 1, 1]}. */
  public Tensor meanPixelTensor() {
    return Tensor.of(new float[] {meanPixel(0), meanPixel(1), meanPixel(2)}, 1, CHANNELS, 1, 1);
  }

  /** The standard deviations as float32 {@code [1, 3, 1, 1]}. */
  public Tensor stdTensor() {
    return Tensor.of(new float[] {std(0), std(1), std(2)}, 1, CHANNELS, 1, 1);
  }

  /** The standard deviations on the scale of pixels as float32 {@code [1, 3, 1, 1]}. */
  public Tensor stdPixelTensor() {
    return Tensor.of(new float[] {255f * std(0), 255f * std(1), 255f * std(2)}, 1, CHANNELS, 1, 1);
  }
}
