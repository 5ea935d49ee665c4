package dev.octavo.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.metrics.Ratio;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ModelAnswersTest {
  private static final float[] NONE = {};

  private final ModelAnswers answers = new ModelAnswers(Optional.empty(), Set.of("known.jpg"));

  private void add(String path, String truth, double ofTruth, String label, double probability) {
    answers.add(new Answer(path, label, probability, truth, ofTruth), NONE);
  }

  /**
   * The threshold of bar is (0.9 + 0.7 + 0.2) / 3 = 0.6, that of gym (0.8 + 0.3 + 0.1) / 3 = 0.4.
   */
  @Test
  void aLabelIsSuspectWhereAnotherClassIsAsProbableAsItIsOnItsOwnImages() {
    add("bar1", "bar", 0.9, "bar", 0.9);
    add("bar2", "bar", 0.7, "bar", 0.7);
    add("bar3", "bar", 0.2, "gym", 0.45);
    add("gym1", "gym", 0.8, "gym", 0.8);
    add("gym2", "gym", 0.3, "bar", 0.55);
    add("gym3", "gym", 0.1, "bar", 0.85);
    assertThat(answers.suspects()).extracting(Answer::path).containsExactly("gym3", "bar3");
  }

  @Test
  void accuracyIsAlsoKnownWithoutTheImagesOfTrain() {
    add("known.jpg", "bar", 0.9, "bar", 0.9);
    add("new.jpg", "bar", 0.4, "gym", 0.5);
    assertThat(answers.apart()).isEqualTo(new Ratio(0, 1));
    assertThat(answers.reliability().labelled()).isEqualTo(2);
  }
}
