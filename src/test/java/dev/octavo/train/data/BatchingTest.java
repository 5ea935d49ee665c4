package dev.octavo.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.program.TrainProgram.BatchNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchingTest {
  @Property(tries = 300)
  void everyImageIsInOneBatchAndNoWorkerHasMoreBatchesThanTheFirst(
      @ForAll @IntRange(min = 1, max = 40) int images,
      @ForAll @IntRange(min = 1, max = 6) int batchSize,
      @ForAll @IntRange(min = 1, max = 5) int workers,
      @ForAll BatchNorm batchNorm) {
    Batching batching = new Batching(batchSize, images, workers, batchNorm);
    for (int rank = 0; rank < workers; rank++) {
      List<Integer> share = share(images, workers, rank);
      List<List<Integer>> batches = batching.cut(share);
      assertThat(batches.stream().flatMap(List::stream)).containsExactlyElementsOf(share);
      assertThat(batches.size()).isLessThanOrEqualTo(batching.count());
      assertThat(batches)
          .allSatisfy(
              b -> assertThat(b.size()).isPositive().isLessThanOrEqualTo(batching.capacity()));
      if (batchNorm == BatchNorm.LOCAL && batchSize > 1 && share.size() > 1) {
        assertThat(batches).noneMatch(b -> b.size() == 1);
      }
    }
  }

  /** As its equivalence with one worker wants it. */
  @Property(tries = 300)
  void withSyncTheBatchesOfAllWorkersTogetherAreThoseOfOneWorker(
      @ForAll @IntRange(min = 1, max = 60) int images,
      @ForAll @IntRange(min = 1, max = 6) int batchSize,
      @ForAll @IntRange(min = 1, max = 5) int workers) {
    List<Integer> one =
        sizes(new Batching(batchSize * workers, images, 1, BatchNorm.SYNC), images, 1);
    List<Integer> together =
        sizes(new Batching(batchSize, images, workers, BatchNorm.SYNC), images, workers);
    assertThat(together).isEqualTo(one);
    if (images > 1 && batchSize * workers > 1) {
      assertThat(together).doesNotContain(1);
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
    Batching batching = new Batching(batchSize, images, workers, batchNorm);
    assertThat(batching.cut(share(images, workers, 0)).stream().map(List::size).toList())
        .hasToString("[" + sizes + "]");
  }

  @Test
  void imagesThatNoStatisticsAreTakenFromAreCutAsTheyAre() {
    assertThat(Batching.plain(List.of(1, 2, 3), 2)).containsExactly(List.of(1, 2), List.of(3));
    assertThat(Batching.plain(List.of(), 2)).isEmpty();
  }

  /** The first workers have one more, as of {@link Shards}. */
  private static List<Integer> share(int images, int workers, int rank) {
    return IntStream.range(0, images).filter(i -> i % workers == rank).boxed().toList();
  }

  private static List<Integer> sizes(Batching batching, int images, int workers) {
    List<Integer> sizes = new ArrayList<>();
    for (int rank = 0; rank < workers; rank++) {
      List<List<Integer>> batches = batching.cut(share(images, workers, rank));
      for (int i = 0; i < batches.size(); i++) {
        if (i == sizes.size()) {
          sizes.add(0);
        }
        sizes.set(i, sizes.get(i) + batches.get(i).size());
      }
    }
    return sizes;
  }
}
