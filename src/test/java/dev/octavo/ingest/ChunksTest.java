package dev.octavo.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class ChunksTest {
  @Property(tries = 200)
  void keepEveryFileOnceAndInOrder(
      @ForAll @Size(max = 50) List<@LongRange(min = 0, max = 1L << 40) Long> sizes,
      @ForAll @IntRange(min = 1, max = 64) int cores) {
    List<Source> sources =
        IntStream.range(0, sizes.size()).mapToObj(i -> source(i, sizes.get(i))).toList();
    List<List<Source>> chunks = Chunks.cut(sources, cores);
    assertThat(chunks.stream().flatMap(List::stream).toList()).isEqualTo(sources);
    assertThat(chunks.subList(0, chunks.size() - 1)).noneMatch(List::isEmpty);
  }

  @Test
  void areCutByBytesNotByFiles() {
    List<Source> sources =
        IntStream.range(0, 120).mapToObj(i -> source(i, i < 100 ? 1000 : 10_000_000)).toList();
    List<List<Source>> chunks = Chunks.cut(sources, 2);
    assertThat(chunks).hasSizeBetween(5, 7);
    assertThat(chunks.get(0)).as("the small files go together").hasSizeGreaterThan(100);
  }

  private static Source source(int i, long bytes) {
    return new Source("a/" + i, "a/" + i, bytes, "train", "a", 0);
  }
}
