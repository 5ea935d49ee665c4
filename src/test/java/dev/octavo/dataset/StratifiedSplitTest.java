package dev.octavo.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class StratifiedSplitTest {
  @Test
  void aTenthOf200PerClassIs20PerClass() {
    List<String> paths = new ArrayList<>();
    for (int c = 0; c < 6; c++) {
      paths.addAll(classOf("class" + c, 200));
    }
    Map<String, String> splits = StratifiedSplit.assign(paths, SplitFractions.valOnly(0.1), 17);
    assertThat(count(splits)).isEqualTo(Map.of("train", 1080L, "val", 120L));
    for (int c = 0; c < 6; c++) {
      String label = "class" + c + "/";
      assertThat(splits.entrySet())
          .filteredOn(e -> e.getKey().startsWith(label) && e.getValue().equals("val"))
          .hasSize(20);
    }
  }

  @Property(tries = 100)
  void dependsOnSeedAndPathsButNotOnTheirOrder(
      @ForAll @IntRange(min = 1, max = 60) int size, @ForAll long seed, @ForAll long shuffle) {
    List<String> paths = classOf("a", size);
    List<String> shuffled = new ArrayList<>(paths);
    Collections.shuffle(shuffled, new Random(shuffle));
    assertThat(StratifiedSplit.assign(shuffled, SplitFractions.DEFAULT, seed))
        .isEqualTo(StratifiedSplit.assign(paths, SplitFractions.DEFAULT, seed));
  }

  @Property(tries = 100)
  void givesEachSplitItsRoundedShare(
      @ForAll @IntRange(min = 1, max = 300) int size,
      @ForAll @IntRange(min = 0, max = 10) int val,
      @ForAll long seed) {
    SplitFractions fractions = new SplitFractions(0.8 - val / 20.0, val / 20.0, 0.2);
    Map<String, Long> counts = count(StratifiedSplit.assign(classOf("a", size), fractions, seed));
    assertThat(counts.getOrDefault("test", 0L)).isEqualTo(Math.round(size * 0.2));
    assertThat(counts.getOrDefault("val", 0L)).isEqualTo(Math.round(size * (val / 20.0)));
    assertThat(counts.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(size);
  }

  @Test
  void anotherSeedChoosesOthers() {
    List<String> paths = classOf("a", 100);
    assertThat(StratifiedSplit.assign(paths, SplitFractions.DEFAULT, 1))
        .isNotEqualTo(StratifiedSplit.assign(paths, SplitFractions.DEFAULT, 2));
  }

  @Test
  void isPinned() {
    assertThat(StratifiedSplit.assign(classOf("a", 4), new SplitFractions(0.5, 0.25, 0.25), 17))
        .as("another order would move images between splits of existing datasets")
        .hasToString("{a/000.jpg=train, a/001.jpg=train, a/002.jpg=test, a/003.jpg=val}");
  }

  @Test
  void refusesFractionsThatDoNotSumToOne() {
    assertThatThrownBy(() -> SplitFractions.parse("0.7,0.2,0.2"))
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessage(
            "a split needs three fractions (train, val, test) that sum to 1, not 0.7, 0.2, 0.2");
    assertThatThrownBy(() -> SplitFractions.parse("0.7;0.3"))
        .hasMessage(
            "'0.7;0.3' is not a split: give three fractions (train, val, test), as in 0.7,0.1,0.2");
    assertThatThrownBy(() -> SplitFractions.valOnly(1))
        .hasMessage("the val fraction must be at least 0 and below 1, not 1.0");
    assertThat(SplitFractions.parse("0.7,0.1,0.2")).isEqualTo(SplitFractions.DEFAULT);
  }

  private static List<String> classOf(String label, int size) {
    return IntStream.range(0, size).mapToObj(i -> "%s/%03d.jpg".formatted(label, i)).toList();
  }

  private static Map<String, Long> count(Map<String, String> splits) {
    return splits.values().stream().collect(Collectors.groupingBy(s -> s, Collectors.counting()));
  }
}
