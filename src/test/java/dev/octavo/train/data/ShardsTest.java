package dev.octavo.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ShardsTest {
  @Property(tries = 100)
  void sharesDifferByAtMostOneImageInTotalAndPerClass(
      @ForAll @IntRange(min = 0, max = 60) int images,
      @ForAll @IntRange(min = 1, max = 5) int classes,
      @ForAll @IntRange(min = 1, max = 7) int workers,
      @ForAll long seed) {
    Map<String, Integer> labels = labels(images, classes);
    Map<String, Integer> worker = Shards.assign(labels, workers, seed);

    assertThat(worker.keySet()).isEqualTo(labels.keySet());
    assertBalanced(worker, workers);
    for (int c = 0; c < classes; c++) {
      int label = c;
      Map<String, Integer> ofClass = new HashMap<>(worker);
      ofClass.keySet().removeIf(path -> labels.get(path) != label);
      assertBalanced(ofClass, workers);
    }
    assertThat(Shards.assign(new HashMap<>(labels), workers, seed)).isEqualTo(worker);
  }

  @Property(tries = 50)
  void takesEachImageOnceInAnOrderOfEachEpochsOwn(
      @ForAll @IntRange(min = 0, max = 100) int size, @ForAll long seed) {
    List<Integer> first = Shards.order(size, seed, 1, 0);
    assertThat(first)
        .containsExactlyInAnyOrderElementsOf(IntStream.range(0, size).boxed().toList());
    assertThat(Shards.order(size, seed, 1, 0)).isEqualTo(first);
    if (size >= 20) { // two of 20! orders agree by chance once in 10^18
      assertThat(Shards.order(size, seed, 2, 0)).isNotEqualTo(first);
      assertThat(Shards.order(size, seed, 1, 1)).isNotEqualTo(first);
    }
  }

  private static void assertBalanced(Map<String, Integer> worker, int workers) {
    List<Integer> counts = IntStream.range(0, workers).map(w -> count(worker, w)).boxed().toList();
    assertThat(Collections.max(counts) - Collections.min(counts)).isLessThanOrEqualTo(1);
  }

  private static int count(Map<String, Integer> worker, int rank) {
    return (int) worker.values().stream().filter(w -> w == rank).count();
  }

  private static Map<String, Integer> labels(int images, int classes) {
    Map<String, Integer> labels = new HashMap<>();
    for (int i = 0; i < images; i++) {
      labels.put("class%d/%d.jpg".formatted(i * i % classes, i), i * i % classes);
    }
    return labels;
  }
}
