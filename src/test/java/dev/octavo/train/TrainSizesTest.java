package dev.octavo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrainSizesTest {
  @Test
  void sizesRiseInStepsOf32AndEachTakesTheSamePartOfTheEpochs() {
    TrainSizes sizes = TrainSizes.parse("128-224");
    assertThat(IntStream.rangeClosed(1, 8).map(epoch -> sizes.inEpoch(epoch, 8)))
        .containsExactly(128, 128, 160, 160, 192, 192, 224, 224);
    assertThat(IntStream.rangeClosed(1, 5).map(epoch -> sizes.inEpoch(epoch, 5)))
        .containsExactly(128, 128, 160, 192, 224);
    assertThat(TrainSizes.parse("176").inEpoch(7, 8)).isEqualTo(176);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "small", "128-", "128-224-256", "-5", "12.5"})
  void refusesWordsThatAreNoSizes(String words) {
    assertThatThrownBy(() -> TrainSizes.parse(words))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining(" is neither a size nor a range of them: give 176, or 128-224");
  }

  @ParameterizedTest
  @CsvSource({"224, 128", "128, 200"})
  void refusesARangeThatDoesNotRiseInSteps(int first, int last) {
    assertThatThrownBy(() -> new TrainSizes(first, last))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("sizes rise in steps of 32 pixels");
  }

  @Test
  void refusesSizesThatNoBundleHas() {
    assertThatThrownBy(() -> TrainSizes.of(16))
        .hasMessage("trainImageSize is 16, but must be from 32 to 1024");
  }

  @Test
  void moreSizesThanEpochsAreRefusedAndAProbeHasOne() {
    assertThatThrownBy(() -> Recipes.of(2, 8).trainSizes(new TrainSizes(32, 96)).build())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "--train-image-size 32-96 are 3 sizes, of which each takes an epoch, but there are 2 --epochs");
    assertThatThrownBy(
            () ->
                Recipes.of(2, 8)
                    .trainSizes(TrainSizes.of(64))
                    .scope(Recipe.Scope.CLASSIFIER)
                    .build())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("leave --train-image-size out");
  }
}
