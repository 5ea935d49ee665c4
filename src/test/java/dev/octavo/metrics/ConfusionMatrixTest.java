package dev.octavo.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.metrics.ConfusionMatrix.Cell;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  /** Class 0: 3 of 4 right. Class 1: 1 of 2 right. Class 2: no samples. */
  private static final ConfusionMatrix SMALL =
      ConfusionMatrix.of(
          3, List.of(new Cell(0, 0, 3), new Cell(0, 2, 1), new Cell(1, 1, 1), new Cell(1, 0, 1)));

  @Test
  void accuracyIsTheDiagonalOverEverything() {
    assertThat(SMALL.accuracy()).isEqualTo(new Ratio(4, 6));
  }

  @Test
  void rowsAreTheTruthAndColumnsThePrediction() {
    assertThat(SMALL.recall(0)).isEqualTo(new Ratio(3, 4));
    assertThat(SMALL.precision(0)).isEqualTo(new Ratio(3, 4));
    assertThat(SMALL.recall(1)).isEqualTo(new Ratio(1, 2));
    assertThat(SMALL.precision(1)).isEqualTo(new Ratio(1, 1));
    assertThat(SMALL.precision(2)).isEqualTo(new Ratio(0, 1));
  }

  @Test
  void meanPerClassAccuracyWeighsClassesAlikeAndLeavesOutThoseWithoutSamples() {
    assertThat(SMALL.meanPerClassAccuracy()).isCloseTo((0.75 + 0.5) / 2, within(1e-15));
  }

  @Test
  void aMatrixWithoutSamplesHasNoAccuracy() {
    ConfusionMatrix empty = ConfusionMatrix.of(2, List.of());
    assertThat(empty.accuracy().value()).isNaN();
    assertThat(empty.meanPerClassAccuracy()).isNaN();
  }

  @Test
  void mostConfusedLeavesOutTheDiagonalAndStartsWithTheLargest() {
    ConfusionMatrix matrix =
        ConfusionMatrix.of(
            2,
            List.of(new Cell(0, 0, 90), new Cell(0, 1, 2), new Cell(1, 0, 7), new Cell(1, 1, 1)));
    assertThat(matrix.mostConfused(5)).containsExactly(new Cell(1, 0, 7), new Cell(0, 1, 2));
    assertThat(matrix.mostConfused(1)).containsExactly(new Cell(1, 0, 7));
  }

  @Test
  void refusesACellOutsideAndAMatrixOfAnotherSize() {
    assertThatThrownBy(() -> ConfusionMatrix.of(2, List.of(new Cell(0, 2, 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outside of 2 classes");
    assertThatThrownBy(() -> SMALL.plus(ConfusionMatrix.of(2, List.of())))
        .hasMessage("a matrix of 2 classes can't be added to one of 3");
  }

  @Property
  void partsMergedEqualTheWhole(
      @ForAll("cells") List<Cell> cells, @ForAll @IntRange(max = 40) int cut) {
    int at = Math.min(cut, cells.size());
    ConfusionMatrix merged =
        ConfusionMatrix.of(5, cells.subList(0, at))
            .plus(ConfusionMatrix.of(5, cells.subList(at, cells.size())));
    assertThat(merged).isEqualTo(ConfusionMatrix.of(5, cells));
  }

  @Property
  void cellsGiveTheMatrixBack(@ForAll("cells") List<Cell> cells) {
    ConfusionMatrix matrix = ConfusionMatrix.of(5, cells);
    assertThat(ConfusionMatrix.of(5, matrix.cells())).isEqualTo(matrix);
  }

  @Provide
  Arbitrary<List<Cell>> cells() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 4),
            Arbitraries.integers().between(0, 4),
            Arbitraries.longs().between(0, 1000))
        .as(Cell::new)
        .list()
        .ofMaxSize(40);
  }
}
