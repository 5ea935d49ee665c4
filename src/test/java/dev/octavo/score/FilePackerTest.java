package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.inference.Example;
import dev.octavo.inference.ImageItem;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FilePackerTest {
  private static List<Example<String>> files(List<Long> lengths) {
    return IntStream.range(0, lengths.size())
        .mapToObj(
            i -> Example.unlabelled("f" + i, new ImageItem.FileRef("file:/f" + i, lengths.get(i))))
        .toList();
  }

  @Property
  void everyFileIsInOnePackInOrder(
      @ForAll @Size(max = 200) List<@LongRange(min = 0, max = 100_000_000) Long> lengths,
      @ForAll @IntRange(min = 1, max = 64) int slots) {
    List<Example<String>> files = files(lengths);
    List<List<Example<String>>> packs = FilePacker.pack(files, slots);
    assertThat(packs.stream().flatMap(List::stream).toList()).isEqualTo(files);
    long total = files.stream().mapToLong(f -> FilePacker.weight(f.image().length())).sum();
    long target = FilePacker.target(total, slots);
    assertThat(packs)
        .allSatisfy(
            pack ->
                assertThat(
                        pack.size() == 1
                            || pack.stream()
                                    .mapToLong(f -> FilePacker.weight(f.image().length()))
                                    .sum()
                                <= target)
                    .isTrue());
  }

  @Test
  void packsManySmallFilesAndLeavesALargeOneAlone() {
    List<Long> lengths =
        LongStream.concat(LongStream.generate(() -> 1000).limit(10_000), LongStream.of(1L << 30))
            .boxed()
            .toList();
    List<List<Example<String>>> packs = FilePacker.pack(files(lengths), 2);
    assertThat(packs.get(packs.size() - 1)).hasSize(1);
    assertThat(packs).hasSizeBetween(8, 32);
  }

  @Test
  void spreadsAFewFilesOverAllSlots() {
    assertThat(FilePacker.pack(files(List.of(1000L, 1000L, 1000L, 1000L)), 2)).hasSize(2);
  }
}
