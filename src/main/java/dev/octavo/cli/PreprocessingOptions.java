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
      converter = Converters.PositiveInt.class,
      description = "Height and width of what the model takes (the network's own, mostly 224).")
  private Integer imageSize;

  @Option(
      names = "--resize-size",
      paramLabel = "PIXELS",
      converter = Converters.PositiveInt.class,
      description =
          "What an image's shorter side is resized to before the middle is cut out (in the network's"
              + " own ratio to --image-size, mostly 256/224).")
  private Integer resizeSize;

  @Option(
      names = "--interpolation",
      paramLabel = "FILTER",
      description = "bilinear or bicubic: the filter of resizing (the network's own).")
  private Interpolation interpolation;

  @Option(
      names = "--mean",
      split = ",",
      hideParamSyntax = true,
      paramLabel = "R,G,B",
      description =
          "What is subtracted from pixels on the scale of 0 to 1 (the network's own, mostly"
              + " ImageNet's: 0.485,0.456,0.406).")
  private List<Double> mean;

  @Option(
      names = "--std",
      split = ",",
      hideParamSyntax = true,
      paramLabel = "R,G,B",
      description = "What they are divided by then (the network's own, mostly 0.229,0.224,0.225).")
  private List<Double> std;

  /**
   * The rules, the network's own where no option is given.
   *
   * @throws dev.octavo.OctavoException.InvalidSetting if a value is out of range
   */
  Preprocessing value(Preprocessing own) {
    Preprocessing sized = imageSize == null ? own : own.withCropSize(imageSize);
    return new Preprocessing(
        resizeSize == null ? sized.resizeSize() : resizeSize,
        sized.cropSize(),
        interpolation == null ? own.interpolation() : interpolation,
        new Normalization(
            mean == null ? own.normalization().mean() : mean,
            std == null ? own.normalization().std() : std));
  }
}
