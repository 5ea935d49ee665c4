package dev.octavo.image.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.image.augment.Augmentation.Crop;
import dev.octavo.image.augment.Augmentation.Policy;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AugmentationTest {

  @Test
  void theDefaultCropsAndMirrorsAtRandomAndNoneDoesNothing() {
    assertThat(Augmentation.DEFAULT)
        .isEqualTo(new Augmentation(Crop.RANDOM_RESIZED, 0.08, 0.5, 0, Policy.NONE, 0));
    assertThat(Augmentation.NONE).isEqualTo(new Augmentation(Crop.CENTER, 1, 0, 0, Policy.NONE, 0));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.01, Double.NaN})
  void refusesAnAreaThatIsNoShareOfTheImage(double minArea) {
    assertThatThrownBy(() -> new Augmentation(Crop.RANDOM_RESIZED, minArea, 0.5, 0, Policy.NONE, 0))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "minArea is %s, but must be above 0 and at most 1 (the whole image)"
                .formatted(minArea));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void refusesAProbabilityOutsideZeroToOne(double probability) {
    assertThatThrownBy(() -> new Augmentation(Crop.CENTER, 1, probability, 0, Policy.NONE, 0))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "flipProbability is %s, but must be a probability from 0 to 1".formatted(probability));
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 40, Double.NaN})
  void refusesAJitterThatIsNoStrength(double strength) {
    assertThatThrownBy(() -> new Augmentation(Crop.CENTER, 1, 0, strength, Policy.NONE, 0))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage("colorJitter is %s, but must be from 0 (off) to 2".formatted(strength));
  }

  @Test
  void travelsToExecutors() throws Exception {
    Augmentation sent = new Augmentation(Crop.RANDOM, 0.25, 0.5, 0.4, Policy.TRIVIAL, 0);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(sent);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(sent);
    }
  }
}
