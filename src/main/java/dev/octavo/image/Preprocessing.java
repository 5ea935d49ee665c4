package dev.octavo.image;

import dev.octavo.OctavoException;
import java.io.Serializable;
import java.util.Objects;

/**
 * The way from an image to what a network is evaluated on, in torchvision's terms: resize the
 * shorter side, cut the middle out, normalise. A model bundle carries its own, and everything that
 * decodes for the model goes by it.
 *
 * @param resizeSize length that an image's shorter side is resized to
 * @param cropSize height and width of the square that is cut out
 * @param interpolation the filter of resizing
 * @param normalization of the square's pixels, done by the programs
 */
public record Preprocessing(
    int resizeSize, int cropSize, Interpolation interpolation, Normalization normalization)
    implements Serializable {
  /** The greatest length of a side. */
  public static final int MAX_SIZE = 4096;

  /**
   * Checks them.
   *
   * @throws OctavoException.InvalidSetting if a size is out of range
   */
  public Preprocessing {
    Objects.requireNonNull(interpolation, "interpolation");
    Objects.requireNonNull(normalization, "normalization");
    OctavoException.InvalidSetting.require(
        cropSize >= 1 && cropSize <= MAX_SIZE,
        "cropSize",
        cropSize,
        "a whole number from 1 to " + MAX_SIZE);
    OctavoException.InvalidSetting.require(
        resizeSize >= cropSize && resizeSize <= MAX_SIZE,
        "resizeSize",
        resizeSize,
        "a whole number from %d (cropSize) to %d".formatted(cropSize, MAX_SIZE));
  }

  /**
   * torchvision's evaluation preset {@code ImageClassification} for a size: 256 and 224 pixels, or
   * in that ratio; bilinear; ImageNet's mean and standard deviation.
   */
  public static Preprocessing ofSize(int cropSize) {
    return new Preprocessing(256, 224, Interpolation.BILINEAR, Normalization.IMAGENET)
        .withCropSize(cropSize);
  }

  /** The same for another crop, with the resized side in the same ratio to it. */
  public Preprocessing withCropSize(int size) {
    long resized = Math.round((double) size * resizeSize / cropSize);
    return new Preprocessing((int) resized, size, interpolation, normalization);
  }

  /** Bytes of a square: red, green and blue of each pixel. */
  public int bytes() {
    return 3 * cropSize * cropSize;
  }
}
