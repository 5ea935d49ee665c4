package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.metrics.ConfusionMatrix.Cell;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ClassOrderTest {
  @Test
  void confusedClassesStandTogether() {
    ConfusionMatrix matrix =
        ConfusionMatrix.of(
            6,
            List.of(
                new Cell(0, 0, 5),
                new Cell(0, 4, 5),
                new Cell(4, 4, 9),
                new Cell(4, 2, 1),
                new Cell(1, 5, 3),
                new Cell(5, 1, 3)));
    assertThat(ClassOrder.bySimilarity(matrix)).containsExactly(2, 4, 0, 1, 5, 3);
  }

  @Test
  void withoutErrorsTheOrderStays() {
    assertThat(ClassOrder.bySimilarity(ConfusionMatrix.of(3, List.of(new Cell(1, 1, 4)))))
        .containsExactly(0, 1, 2);
  }

  @Test
  void everyClassIsThereOnceWhateverTheCounts() {
    Random random = new Random(5);
    List<Cell> cells =
        random.ints(400, 0, 30 * 30).mapToObj(i -> new Cell(i / 30, i % 30, 1 + i % 7)).toList();
    assertThat(ClassOrder.bySimilarity(ConfusionMatrix.of(30, cells)))
        .hasSize(30)
        .doesNotHaveDuplicates();
  }
}
