package dev.octavo.cli;

import dev.octavo.image.Interpolation;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import java.util.List;
import picocli.CommandLine.Option;

/** The way from images to what a model was trained on; used as a {@code @Mixin}. */
final class PreprocessingOptions {
  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      defaultValue = "224",
      converter = Converters.PositiveInt.class,
      description = "Height and width of what the model takes (${DEFAULT-VALUE}).")
  private int imageSize;

  @Option(
      names = "--resize-size",
      paramLabel = "PIXELS",
      converter = Converters.PositiveInt.class,
      description =
          "What an image's shorter side is resized to before the middle is cut out (--image-size"
              + " times 256/224).")
  private Integer resizeSize;

  @Option(
      names = "--interpolation",
      paramLabel = "FILTER",
      defaultValue = "bilinear",
      description = "bilinear or bicubic: the filter of resizing (${DEFAULT-VALUE}).")
  private Interpolation interpolation;

  @Option(
      names = "--mean",
      split = ",",
      paramLabel = "R,G,B",
      description =
          "What is subtracted from pixels on the scale of 0 to 1 (ImageNet's: 0.485,0.456,0.406).")
  private List<Double> mean;

  @Option(
      names = "--std",
      split = ",",
      paramLabel = "R,G,B",
      description = "What they are divided by then (ImageNet's: 0.229,0.224,0.225).")
  private List<Double> std;

  /**
   * The rules.
   *
   * @throws dev.octavo.OctavoException.InvalidSetting if a value is out of range
   */
  Preprocessing value() {
    Preprocessing ofSize = Preprocessing.ofSize(imageSize);
    return new Preprocessing(
        resizeSize == null ? ofSize.resizeSize() : resizeSize,
        imageSize,
        interpolation,
        new Normalization(
            mean == null ? Normalization.IMAGENET.mean() : mean,
            std == null ? Normalization.IMAGENET.std() : std));
  }
}
