package dev.octavo.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.program.TrainProgram.BatchNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchingTest {
  @Property(tries = 500)
  void everyImageIsInOneBatchAndNoWorkerHasMoreBatchesThanTheFirst(
      @ForAll @IntRange(min = 1, max = 60) int images,
      @ForAll @IntRange(min = 1, max = 12) int together,
      @ForAll @IntRange(min = 1, max = 3) int accumulate,
      @ForAll @IntRange(min = 1, max = 5) int workers,
      @ForAll @IntRange(min = 1, max = 2) int unit,
      @ForAll BatchNorm batchNorm) {
    Batching batching =
        new Batching(together * accumulate, accumulate, images, workers, unit, batchNorm);
    List<Integer> all = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      List<List<Integer>> batches = batching.cut(slots(batching, rank));
      batches.forEach(all::addAll);
      assertThat(batches.size()).isLessThanOrEqualTo(batching.count());
      assertThat(batches)
          .allSatisfy(
              b -> assertThat(b.size()).isPositive().isLessThanOrEqualTo(batching.capacity()));
      if (batchNorm == BatchNorm.LOCAL && batching.batchSize() > 1 && batches.size() > 1) {
        assertThat(batches.get(batches.size() - 1).size()).isGreaterThan(1);
      }
      if (rank == 0) {
        assertThat(batches).hasSize(batching.count());
      }
    }
    assertThat(all).doesNotHaveDuplicates().hasSize(images);
  }

  /** What a step sees, and which images are mixed with each other. */
  @Property(tries = 500)
  void batchesOfAllWorkersTogetherAreThoseOfOneWorker(
      @ForAll @IntRange(min = 1, max = 60) int images,
      @ForAll @IntRange(min = 1, max = 12) int half,
      @ForAll @IntRange(min = 1, max = 3) int accumulate,
      @ForAll @IntRange(min = 2, max = 5) int workers,
      @ForAll boolean mixes,
      @ForAll boolean sync) {
    int unit = mixes ? 2 : 1;
    BatchNorm batchNorm = sync ? BatchNorm.SYNC : BatchNorm.FROZEN;
    int globalBatch = 2 * half * accumulate;
    Batching one = new Batching(globalBatch, accumulate, images, 1, unit, batchNorm);
    Batching several = new Batching(globalBatch, accumulate, images, workers, unit, batchNorm);
    List<List<Integer>> expected = one.cut(slots(one, 0));
    List<List<Integer>> together = new ArrayList<>();
    expected.forEach(batch -> together.add(new ArrayList<>()));
    for (int rank = 0; rank < workers; rank++) {
      List<List<Integer>> batches = several.cut(slots(several, rank));
      for (int i = 0; i < batches.size(); i++) {
        List<Integer> batch = batches.get(i);
        together.get(i).addAll(batch);
        for (int image = 0; mixes && image < batch.size(); image++) {
          List<Integer> whole = expected.get(i);
          int partner = Batch.partner(whole.indexOf(batch.get(image)), whole.size());
          assertThat(batch.get(Batch.partner(image, batch.size()))).isEqualTo(whole.get(partner));
        }
      }
    }
    for (int i = 0; i < expected.size(); i++) {
      assertThat(together.get(i)).containsExactlyInAnyOrderElementsOf(expected.get(i));
    }
    assertThat(several.updates()).isEqualTo(one.updates());
    if (sync && images > 1) {
      assertThat(together).noneMatch(batch -> batch.size() == 1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "LOCAL, 2, 5, 1, '2, 3'", "LOCAL, 2, 4, 1, '2, 2'", "LOCAL, 4, 6, 1, '4, 2'",
    "LOCAL, 1, 3, 1, '1, 1, 1'", "LOCAL, 4, 1, 1, '1'", "FROZEN, 2, 5, 1, '2, 2, 1'",
    "SYNC, 2, 5, 1, '2, 3'", "SYNC, 2, 10, 2, '2, 2, 1'", "SYNC, 2, 9, 2, '2, 3'",
    "SYNC, 1, 3, 2, '2'", "SYNC, 1, 1, 2, '1'"
  })
  void onlyALastBatchOfASingleImageIsJoined(
      BatchNorm batchNorm, int batchSize, int images, int workers, String sizes) {
    Batching batching = new Batching(batchSize * workers, 1, images, workers, 1, batchNorm);
    assertThat(batching.cut(slots(batching, 0)).stream().map(List::size).toList())
        .hasToString("[" + sizes + "]");
  }

  @Test
  void imagesThatNoStatisticsAreTakenFromAreCutAsTheyAre() {
    assertThat(Batching.plain(List.of(1, 2, 3), 2)).containsExactly(List.of(1, 2), List.of(3));
    assertThat(Batching.plain(List.of(), 2)).isEmpty();
  }

  /** Images are dealt out to slots in turn, as of {@link Shards}. */
  private static SortedMap<Integer, List<Integer>> slots(Batching batching, int rank) {
    SortedMap<Integer, List<Integer>> slots = new TreeMap<>();
    for (int image = 0; image < batching.images(); image++) {
      int slot = image % batching.globalBatch();
      if (batching.worker(slot) == rank) {
        slots.computeIfAbsent(slot, s -> new ArrayList<>()).add(image);
      }
    }
    return slots;
  }
}
