package dev.octavo.cli;

import dev.octavo.image.augment.Augmentation;
import dev.octavo.image.augment.Augmentation.Crop;
import dev.octavo.image.augment.Augmentation.Policy;
import dev.octavo.train.LossSettings;
import dev.octavo.train.LossSettings.ClassWeights;
import dev.octavo.train.TrainSizes;
import picocli.CommandLine.Option;

/** The augmentation options of {@code train}; used as a {@code @Mixin}. */
final class AugmentationOptions {
  @Option(
      names = "--train-image-size",
      paramLabel = "PIXELS",
      description =
          "Height and width of train images, where they are to differ from --image-size, which val,"
              + " the bundle and score keep: 176, or 128-224 for sizes that rise over the epochs in"
              + " steps of 32 (--image-size).")
  private String trainImageSize;

  @Option(
      names = "--crop",
      paramLabel = "KIND",
      defaultValue = "random-resized",
      description =
          "random-resized (random area and shape, resized), random (a random place of the resized"
              + " image) or center (as in evaluation) (${DEFAULT-VALUE}).")
  private Crop crop;

  @Option(
      names = "--min-area",
      paramLabel = "F",
      defaultValue = "0.08",
      converter = Converters.Fraction.class,
      description =
          "Smallest fraction of an image's area that --crop random-resized keeps"
              + " (${DEFAULT-VALUE}).")
  private double minArea;

  @Option(
      names = "--flip",
      paramLabel = "P",
      defaultValue = "0.5",
      converter = Converters.Fraction.class,
      description = "Probability that an image is mirrored, left to right (${DEFAULT-VALUE}).")
  private double flip;

  @Option(
      names = "--color-jitter",
      paramLabel = "S",
      defaultValue = "0",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Strength of random brightness, contrast, saturation and (a quarter of it) hue, as"
              + " torchvision's ColorJitter; 0.4 is usual (${DEFAULT-VALUE}).")
  private double colorJitter;

  @Option(
      names = "--augment",
      paramLabel = "POLICY",
      defaultValue = "none",
      description =
          "trivial (torchvision's TrivialAugmentWide), rand (RandAugment: two operations of"
              + " magnitude 9) or none (${DEFAULT-VALUE}).")
  private Policy policy;

  @Option(
      names = "--mixup",
      paramLabel = "A",
      defaultValue = "0",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Mix pairs of images and their targets, with shares from Beta(A, A); 0.2 is usual, 0 is"
              + " off (${DEFAULT-VALUE}).")
  private double mixup;

  @Option(
      names = "--cutmix",
      paramLabel = "A",
      defaultValue = "0",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Replace a rectangle of each image with that of another, and share the target by area,"
              + " with shares from Beta(A, A); 1 is usual, 0 is off. With --mixup, each batch takes"
              + " one of the two (${DEFAULT-VALUE}).")
  private double cutmix;

  @Option(
      names = "--random-erasing",
      paramLabel = "P",
      defaultValue = "0",
      converter = Converters.Fraction.class,
      description =
          "Probability that a rectangle of an image is erased, as torchvision's RandomErasing; 0.1"
              + " is usual (${DEFAULT-VALUE}).")
  private double randomErasing;

  @Option(
      names = "--dropout-factor",
      paramLabel = "F",
      defaultValue = "1",
      converter = Converters.NonNegativeDouble.class,
      description =
          "Factor on the network's own probabilities of dropout and stochastic depth; 0 turns them"
              + " off (${DEFAULT-VALUE}).")
  private double dropoutFactor;

  @Option(
      names = "--repeats",
      paramLabel = "K",
      defaultValue = "1",
      converter = Converters.PositiveInt.class,
      description =
          "Repeated augmentation: an epoch has each image that it takes K times in a row, varied"
              + " otherwise, and takes 1/K of the images, so that its steps stay"
              + " (${DEFAULT-VALUE}).")
  private int repeats;

  @Option(
      names = "--label-smoothing",
      paramLabel = "E",
      defaultValue = "0.1",
      converter = Converters.Fraction.class,
      description = "Share of the target that is spread over all classes (${DEFAULT-VALUE}).")
  private double labelSmoothing;

  @Option(
      names = "--class-weights",
      paramLabel = "KIND",
      defaultValue = "none",
      description =
          "balanced: an image counts inversely to the number of train images of its class; none"
              + " (${DEFAULT-VALUE}).")
  private ClassWeights classWeights;

  /** The sizes of train images, given that of evaluation. */
  TrainSizes trainSizes(int imageSize) {
    return trainImageSize == null ? TrainSizes.of(imageSize) : TrainSizes.parse(trainImageSize);
  }

  double dropoutFactor() {
    return dropoutFactor;
  }

  int repeats() {
    return repeats;
  }

  Augmentation augmentation() {
    return new Augmentation(crop, minArea, flip, colorJitter, policy, randomErasing);
  }

  LossSettings loss() {
    return new LossSettings(labelSmoothing, classWeights, mixup, cutmix);
  }
}
