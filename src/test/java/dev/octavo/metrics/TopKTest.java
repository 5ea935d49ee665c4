package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TopKTest {
  @Test
  void indicesAreBestFirst() {
    assertThat(TopK.indices(new float[] {0.1f, 0.7f, 0.2f}, 2)).containsExactly(1, 2);
  }

  @Test
  void ofEqualScoresTheLowerIndexComesFirst() {
    float[] scores = {1, 3, 3, 1};
    assertThat(TopK.indices(scores, 4)).containsExactly(1, 2, 0, 3);
    assertThat(TopK.rank(scores, 2)).isEqualTo(2);
    assertThat(TopK.rank(scores, 3)).isEqualTo(4);
  }

  @Test
  void asksForNoMoreThanThereAre() {
    assertThat(TopK.indices(new float[] {2, 5}, 5)).containsExactly(1, 0);
    assertThat(TopK.indices(new float[] {2, 5}, 0)).isEmpty();
  }

  @Test
  void softmaxOfLogarithmsIsProportions() {
    float[] p = TopK.softmax(new float[] {(float) Math.log(1), (float) Math.log(3)});
    assertThat(p[0]).isCloseTo(0.25f, within(1e-6f));
    assertThat(p[1]).isCloseTo(0.75f, within(1e-6f));
  }

  @Test
  void softmaxDoesNotOverflowAndRefusesNaN() {
    assertThat(TopK.softmax(new float[] {1e30f, 0})).containsExactly(1f, 0f);
    assertThatThrownBy(() -> TopK.softmax(new float[] {0, Float.NaN})).hasMessage("a logit is NaN");
  }

  @Property
  void indicesAgreeWithAFullSortAndWithRanks(
      @ForAll("tied") float[] scores, @ForAll @IntRange(min = 1, max = 8) int k) {
    int[] sorted =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparing((Integer i) -> -scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    int[] best = TopK.indices(scores, k);
    assertThat(best).containsExactly(Arrays.copyOf(sorted, Math.min(k, sorted.length)));
    for (int i = 0; i < best.length; i++) {
      assertThat(TopK.rank(scores, best[i])).isEqualTo(i + 1);
    }
  }

  /** Few distinct values, so that ties are common. */
  @Provide
  Arbitrary<float[]> tied() {
    return Arbitraries.integers()
        .between(-3, 3)
        .map(Integer::floatValue)
        .array(Float[].class)
        .ofMinSize(1)
        .ofMaxSize(30)
        .map(
            boxed -> {
              float[] values = new float[boxed.length];
              for (int i = 0; i < values.length; i++) {
                values[i] = boxed[i];
              }
              return values;
            });
  }
}
