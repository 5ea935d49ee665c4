package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LabelCheckTest {
  private static final int CLASSES = 3;

  /** Features around a direction for each class, with noise; every tenth label is another. */
  @Test
  void findsPlantedLabelsAndDoubtsFewOthers() {
    Random random = new Random(3);
    List<float[]> features = new ArrayList<>();
    int[] labels = new int[150];
    Set<Integer> planted = new TreeSet<>();
    for (int i = 0; i < labels.length; i++) {
      float[] vector = new float[16];
      for (int j = 0; j < vector.length; j++) {
        vector[j] = (float) (0.3 * random.nextGaussian() + (j % CLASSES == i % CLASSES ? 1 : 0));
      }
      features.add(vector);
      labels[i] = i % CLASSES;
      if (i % 10 == 0) {
        labels[i] = (i + 1) % CLASSES;
        planted.add(i);
      }
    }
    LabelCheck check = new LabelCheck(features, labels, CLASSES);
    Set<Integer> doubtful = new TreeSet<>();
    for (int i = 0; i < labels.length; i++) {
      if (check.isDoubtful(i)) {
        doubtful.add(i);
      }
    }
    assertThat(doubtful).isEqualTo(planted);
    assertThat(check.named(10)).isEqualTo(1); // labelled 2
    assertThat(check.probability(10, 1)).isGreaterThan(0.9);
  }

  /** What an image's own features say about its class is left out. */
  @Test
  void anImageAloneInItsClassSaysNothingAboutItself() {
    LabelCheck check =
        new LabelCheck(
            List.of(new float[] {1, 0}, new float[] {1, 0}, new float[] {0, 1}),
            new int[] {0, 0, 1},
            CLASSES);
    double own = check.probability(2, 1); // cosines: 0 to class 0; 0, for nothing is left, to 1
    assertThat(own).isEqualTo(check.probability(2, 0)).isCloseTo(1.0 / 3, within(1e-9));
    assertThat(check.probability(0, 0)).isGreaterThan(0.5);
  }
}
