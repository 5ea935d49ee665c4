package dev.octavo.image.augment;

import dev.octavo.OctavoException.InvalidSetting;
import java.io.Serializable;
import java.util.Objects;

/**
 * The randomness of the images that a network is trained on, in the terms of torchvision's
 * reference training: first the crop, then the mirroring, then the policy, then the colour jitter,
 * then the erasing. A {@code Preprocess} applies it; what is drawn is a function of the sample's
 * seed.
 *
 * @param crop how the square is cut out
 * @param minArea the smallest share of the image that {@link Crop#RANDOM_RESIZED} keeps, above 0
 *     and at most 1; the other crops ignore it
 * @param flipProbability how often an image is mirrored left to right, 0 to 1
 * @param colorJitter strength {@code s} of torchvision's {@code ColorJitter(brightness=s,
 *     contrast=s, saturation=s, hue=s/4)}: 0 is off, 2 is the most, where colours lose all meaning
 * @param policy the operation or operations drawn per image
 * @param randomErasing how often a rectangle of the square is erased, 0 to 1
 */
public record Augmentation(
    Crop crop,
    double minArea,
    double flipProbability,
    double colorJitter,
    Policy policy,
    double randomErasing)
    implements Serializable {

  /** Random resized crop of 8 % to 100 % of the area, mirrored every other time. */
  public static final Augmentation DEFAULT =
      new Augmentation(Crop.RANDOM_RESIZED, 0.08, 0.5, 0, Policy.NONE, 0);

  /** Nothing is random: training sees what evaluation sees. */
  public static final Augmentation NONE = new Augmentation(Crop.CENTER, 1, 0, 0, Policy.NONE, 0);

  /** The crop of the square out of the image. */
  public enum Crop {
    /** A rectangle of random area and aspect ratio (3/4 to 4/3), resized to the square. */
    RANDOM_RESIZED,

    /** Resized as for evaluation, then a square at a random place. */
    RANDOM,

    /** Resized as for evaluation, then the square in the middle. */
    CENTER
  }

  /** A way of drawing operations, as torchvision has it by default. */
  public enum Policy {
    /** No operation. */
    NONE,

    /**
     * {@code TrivialAugmentWide}: one operation of random strength (Müller, Hutter: TrivialAugment,
     * 2021).
     */
    TRIVIAL,

    /**
     * {@code RandAugment(num_ops=2, magnitude=9)}: two operations of fixed strength (Cubuk et al.:
     * RandAugment, 2019).
     */
    RAND
  }

  /** Checks the ranges. */
  public Augmentation {
    Objects.requireNonNull(crop, "crop");
    Objects.requireNonNull(policy, "policy");
    InvalidSetting.require(
        minArea > 0 && minArea <= 1, "minArea", minArea, "above 0 and at most 1 (the whole image)");
    InvalidSetting.require(
        flipProbability >= 0 && flipProbability <= 1,
        "flipProbability",
        flipProbability,
        "a probability from 0 to 1");
    InvalidSetting.require(
        colorJitter >= 0 && colorJitter <= 2, "colorJitter", colorJitter, "from 0 (off) to 2");
    InvalidSetting.require(
        randomErasing >= 0 && randomErasing <= 1,
        "randomErasing",
        randomErasing,
        "a probability from 0 to 1");
  }

  /**
   * Returns whether the policy or the jitter changes pixels after they were cropped and mirrored.
   */
  public boolean changesPixels() {
    return policy != Policy.NONE || colorJitter > 0;
  }
}
