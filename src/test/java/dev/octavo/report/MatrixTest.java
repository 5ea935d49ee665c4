package dev.octavo.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.metrics.ConfusionMatrix;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The size of the figure that grows most with the number of images. */
final class MatrixTest {
  private static final int CLASSES = 67;

  /** All pairs of classes confused, each a number of times of its own. */
  private static String full() {
    List<ConfusionMatrix.Cell> cells =
        IntStream.range(0, CLASSES * CLASSES)
            .mapToObj(i -> new ConfusionMatrix.Cell(i / CLASSES, i % CLASSES, 1 + i))
            .toList();
    List<String> names = IntStream.range(0, CLASSES).mapToObj("class_%02d"::formatted).toList();
    return new Matrix("float", names, ConfusionMatrix.of(CLASSES, cells)).html();
  }

  @Test
  void drawsTheErrorsThatHappenMostAndSavesAll() {
    String html = full();
    assertThat(html.split("<rect class=\"cell s0\"", -1)).hasSize(1 + CLASSES);
    assertThat(html.split("<rect class=\"cell s1\"", -1)).hasSize(1 + Matrix.MOST_PAIRS);
    assertThat(html)
        .contains("Errors of the 2,000 pairs of classes that are confused most; the CSV has all.")
        .contains("class_66 taken for class_65: 4,488 of ")
        .doesNotContain("<title>class_00 taken for class_01:");
    assertThat(html.length()).isLessThan(800_000);
  }
}
