package dev.octavo.ml;

import dev.octavo.image.augment.Augmentation;
import dev.octavo.train.TrainSizes;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Parameters that say how train images are varied.
 *
 * @param <S> the estimator
 */
public abstract class AugmentationParams<S extends AugmentationParams<S>>
    extends OptimizerParams<S> {
  private static final long serialVersionUID = 1L;

  private final Param<String> crop;
  private final DoubleParam minArea;
  private final DoubleParam flip;
  private final DoubleParam colorJitter;
  private final Param<String> augment;
  private final DoubleParam randomErasing;
  private final DoubleParam dropoutFactor;
  private final IntParam repeats;
  private final Param<String> trainImageSize;

  AugmentationParams(String uid, String defaultOutputCol) {
    super(uid, defaultOutputCol);
    crop = new Param<>(uid, "crop", "crop of train images: random-resized, random or center");
    minArea =
        new DoubleParam(uid, "minArea", "smallest share of an image that random-resized shows");
    flip = new DoubleParam(uid, "flip", "probability that an image is mirrored, left to right");
    colorJitter =
        new DoubleParam(
            uid, "colorJitter", "strength of random brightness, contrast, saturation and hue");
    augment = new Param<>(uid, "augment", "random operations: trivial, rand or none");
    randomErasing =
        new DoubleParam(uid, "randomErasing", "probability that a rectangle of an image is erased");
    trainImageSize =
        new Param<>(
            uid,
            "trainImageSize",
            "height and width of rows to train on: 176, or 128-224 for sizes that rise; imageSize unless set");
    dropoutFactor =
        new DoubleParam(
            uid,
            "dropoutFactor",
            "factor on the network's own dropout and stochastic depth; 0 turns them off");
    repeats =
        new IntParam(
            uid,
            "repeats",
            "times that an epoch has an image it takes, varied otherwise; its steps stay");
    setDefault(crop, "random-resized");
    setDefault(minArea, 0.08);
    setDefault(flip, 0.5);
    setDefault(colorJitter, 0.0);
    setDefault(augment, "none");
    setDefault(randomErasing, 0.0);
    setDefault(dropoutFactor, 1.0);
    setDefault(repeats, 1);
  }

  /** Crop of train images: random-resized, random or center. */
  public Param<String> crop() {
    return crop;
  }

  /** Sets {@link #crop} (random-resized). */
  public S setCrop(String value) {
    return with(crop, value);
  }

  /** Smallest share of an image that random-resized shows. */
  public DoubleParam minArea() {
    return minArea;
  }

  /** Sets {@link #minArea} (0.08). */
  public S setMinArea(double value) {
    return with(minArea, value);
  }

  /** Probability that an image is mirrored, left to right. */
  public DoubleParam flip() {
    return flip;
  }

  /** Sets {@link #flip} (0.5). */
  public S setFlip(double value) {
    return with(flip, value);
  }

  /** Strength of random brightness, contrast, saturation and hue. */
  public DoubleParam colorJitter() {
    return colorJitter;
  }

  /** Sets {@link #colorJitter} (0). */
  public S setColorJitter(double value) {
    return with(colorJitter, value);
  }

  /** Random operations: trivial, rand or none. */
  public Param<String> augment() {
    return augment;
  }

  /** Sets {@link #augment} (none). */
  public S setAugment(String value) {
    return with(augment, value);
  }

  /** Probability that a rectangle of an image is erased. */
  public DoubleParam randomErasing() {
    return randomErasing;
  }

  /** Sets {@link #randomErasing} (0). */
  public S setRandomErasing(double value) {
    return with(randomErasing, value);
  }

  /** Factor on the network's own dropout and stochastic depth; 0 turns them off. */
  public DoubleParam dropoutFactor() {
    return dropoutFactor;
  }

  /** Sets {@link #dropoutFactor} (1). */
  public S setDropoutFactor(double value) {
    return with(dropoutFactor, value);
  }

  /** Times that an epoch has an image it takes, varied otherwise; its steps stay. */
  public IntParam repeats() {
    return repeats;
  }

  /** Sets {@link #repeats} (1). */
  public S setRepeats(int value) {
    return with(repeats, value);
  }

  /**
   * Height and width of rows to train on: 176, or 128-224 for sizes that rise; imageSize unless
   * set.
   */
  public Param<String> trainImageSize() {
    return trainImageSize;
  }

  /** Sets {@link #trainImageSize}. */
  public S setTrainImageSize(String value) {
    return with(trainImageSize, value);
  }

  final Augmentation augmentation() {
    return new Augmentation(
        constant(crop, Augmentation.Crop.class),
        value(minArea),
        value(flip),
        value(colorJitter),
        constant(augment, Augmentation.Policy.class),
        value(randomErasing));
  }

  /** The sizes of images to train on, given that of evaluation. */
  final TrainSizes trainSizes(int imageSize) {
    return optional(trainImageSize).map(TrainSizes::parse).orElse(TrainSizes.of(imageSize));
  }
}
