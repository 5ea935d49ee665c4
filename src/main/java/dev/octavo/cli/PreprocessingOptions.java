package dev.octavo.cli;

import dev.octavo.image.Interpolation;
import dev.octavo.image.PreprocessingOverrides;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The way from images to what a model was trained on; used as a {@code @Mixin}. */
final class PreprocessingOptions {
  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      converter = Converters.PositiveInt.class,
      description = "Height and width of the model's input (the network's own, mostly 224).")
  private Integer imageSize;

  @Option(
      names = "--resize-size",
      paramLabel = "PIXELS",
      converter = Converters.PositiveInt.class,
      description =
          "Length of an image's shorter side after resizing, before the centre crop (in the"
              + " network's own ratio to --image-size, mostly 256/224).")
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
          "Mean that is subtracted from pixels on the scale of 0 to 1 (the network's own,"
              + " mostly ImageNet's: 0.485,0.456,0.406).")
  private List<Double> mean;

  @Option(
      names = "--std",
      split = ",",
      hideParamSyntax = true,
      paramLabel = "R,G,B",
      description =
          "Standard deviation that they are divided by then (the network's own, mostly"
              + " 0.229,0.224,0.225).")
  private List<Double> std;

  /** The options that were given. */
  PreprocessingOverrides value() {
    return new PreprocessingOverrides(
        Optional.ofNullable(imageSize),
        Optional.ofNullable(resizeSize),
        Optional.ofNullable(interpolation),
        mean == null ? List.of() : mean,
        std == null ? List.of() : std);
  }
}
