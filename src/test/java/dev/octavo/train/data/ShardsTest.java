package dev.octavo.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.program.TrainProgram.BatchNorm;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
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
    List<ShardStore.Entry> entries =
        IntStream.range(0, size)
            .mapToObj(
                i ->
                    new ShardStore.Entry(
                        "%03d.jpg".formatted(i), 0, "train", i % 2, new ShardStore.Span(i, 1), 0))
            .toList();
    Batching batching = new Batching(2, 1, size, 1, 1, BatchNorm.FROZEN);
    SortedMap<Integer, List<ShardStore.Entry>> first = Shards.slots(entries, batching, 1, seed, 1);
    first.forEach(
        (slot, order) ->
            assertThat(order)
                .containsExactlyInAnyOrderElementsOf(
                    entries.stream().filter(entry -> entry.share() == slot).toList()));
    assertThat(first.values().stream().mapToInt(List::size).sum()).isEqualTo(size);
    assertThat(Shards.slots(entries, batching, 1, seed, 1)).isEqualTo(first);
    if (size >= 40) { // two of 20! orders agree by chance once in 10^18
      assertThat(Shards.slots(entries, batching, 1, seed, 2).get(0)).isNotEqualTo(first.get(0));
      assertThat(places(first.get(0))).isNotEqualTo(places(first.get(1)));
    }
  }

  private static List<Long> places(List<ShardStore.Entry> order) {
    return order.stream().limit(20).map(entry -> entry.bytes().offset() / 2).toList();
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
