package dev.octavo.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException.InvalidSetting;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PreprocessingTest {
  @ParameterizedTest
  @CsvSource({"224, 256", "299, 342", "64, 73", "32, 37"})
  void theDefaultIsTorchvisionsPresetForTheSize(int cropSize, int resizeSize) {
    assertThat(Preprocessing.ofSize(cropSize))
        .isEqualTo(
            new Preprocessing(
                resizeSize,
                cropSize,
                Interpolation.BILINEAR,
                new Normalization(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225))));
  }

  @Test
  void anotherCropKeepsTheProportionAndTheFilter() {
    Normalization half = new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    assertThat(new Preprocessing(320, 300, Interpolation.BICUBIC, half).withCropSize(150))
        .isEqualTo(new Preprocessing(160, 150, Interpolation.BICUBIC, half));
    assertThat(new Preprocessing(288, 288, Interpolation.BICUBIC, half).withCropSize(65))
        .isEqualTo(new Preprocessing(65, 65, Interpolation.BICUBIC, half));
  }

  @Test
  void refusesWhatNoImageCanBecome() {
    Normalization imagenet = Normalization.IMAGENET;
    assertThatThrownBy(() -> new Preprocessing(31, 32, Interpolation.BICUBIC, imagenet))
        .isInstanceOf(InvalidSetting.class)
        .hasMessage("resizeSize is 31, but must be a whole number from 32 (cropSize) to 4096");
    assertThatThrownBy(() -> new Normalization(List.of(0.5, Double.NaN, 0.5), imagenet.std()))
        .isInstanceOf(InvalidSetting.class)
        .hasMessage("mean is [0.5, NaN, 0.5], but must be three numbers from 0 to 1");
    assertThatThrownBy(() -> new Normalization(imagenet.mean(), List.of(0.2, 0.0, 0.2)))
        .isInstanceOf(InvalidSetting.class)
        .hasMessage("std is [0.2, 0.0, 0.2], but must be three numbers from 0.001 to 1000");
  }
}
