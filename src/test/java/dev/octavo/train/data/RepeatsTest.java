package dev.octavo.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.program.TrainProgram.BatchNorm;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RepeatsTest {
  /** Of eight slots, with the last of one image less. */
  private static final List<ShardStore.Entry> ENTRIES =
      IntStream.range(0, 31)
          .mapToObj(
              i ->
                  new ShardStore.Entry(
                      "image%02d".formatted(i), 0, "train", i % 8, new ShardStore.Span(i, 1), 0))
          .toList();

  private static final Batching BATCHING = new Batching(8, 1, 31, 1, 3, BatchNorm.FROZEN);

  /** As timm's RepeatAugSampler: an epoch has as many images, of which a part are shown. */
  @Test
  void anUpdateHasAnImageAsOftenAsAskedAndTheEpochStaysAsLong() {
    SortedMap<Integer, List<ShardStore.Entry>> slots = Shards.slots(ENTRIES, BATCHING, 3, 7, 1);
    List<List<ShardStore.Entry>> batches = BATCHING.cut(slots);
    assertThat(batches).extracting(List::size).containsExactly(8, 8, 8, 7);
    for (List<ShardStore.Entry> batch : batches) {
      assertThat(batch).extracting(ShardStore.Entry::sample).doesNotHaveDuplicates();
      for (int i = 0; i < batch.size(); i++) {
        assertThat(batch.get(i).path()).isEqualTo(batch.get(i - i % 3).path());
        assertThat(batch.get(i).repeat()).isEqualTo(i % 3);
      }
    }
    Stream<String> shown =
        batches.stream().flatMap(List::stream).map(ShardStore.Entry::path).distinct();
    assertThat(shown).hasSize(4 * 3);
    assertThat(Shards.slots(ENTRIES, BATCHING, 3, 7, 2)).isNotEqualTo(slots);
  }

  @Test
  void onceIsAsItWas() {
    Shards.slots(ENTRIES, BATCHING, 1, 7, 1)
        .forEach(
            (slot, images) ->
                assertThat(images)
                    .containsExactlyInAnyOrderElementsOf(
                        ENTRIES.stream().filter(image -> image.share() == slot).toList()));
  }
}
