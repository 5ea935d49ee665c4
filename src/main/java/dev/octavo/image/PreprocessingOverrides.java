package dev.octavo.image;

import java.util.List;
import java.util.Optional;

/**
 * A user's part of the preprocessing; the rest is as in the model's own.
 *
 * @param imageSize height and width of what it takes
 * @param resizeSize length that an image's shorter side is resized to; in the model's own ratio to
 *     the image size if it is left out
 * @param interpolation the filter of resizing
 * @param mean of {@link Normalization}; empty for the model's own
 * @param std of {@link Normalization}; empty for the model's own
 */
public record PreprocessingOverrides(
    Optional<Integer> imageSize,
    Optional<Integer> resizeSize,
    Optional<Interpolation> interpolation,
    List<Double> mean,
    List<Double> std) {
  /** Nothing said. */
  public static final PreprocessingOverrides NONE =
      new PreprocessingOverrides(
          Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of());

  /** Copies the lists. */
  public PreprocessingOverrides {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
  }

  /**
   * The rules that hold.
   *
   * @throws dev.octavo.OctavoException.InvalidSetting if a value is out of range
   */
  public Preprocessing over(Preprocessing own) {
    Preprocessing sized = imageSize.map(own::withCropSize).orElse(own);
    return new Preprocessing(
        resizeSize.orElse(sized.resizeSize()),
        sized.cropSize(),
        interpolation.orElse(own.interpolation()),
        new Normalization(
            mean.isEmpty() ? own.normalization().mean() : mean,
            std.isEmpty() ? own.normalization().std() : std));
  }
}
