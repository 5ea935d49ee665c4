package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.artifact.Unwrapped;
import dev.octavo.bundle.BundleFigures;
import dev.octavo.bundle.QuantizationFigures;
import dev.octavo.bundle.TrainingFigures;
import dev.octavo.dataset.DatasetFigures;
import dev.octavo.results.ScoresFigures;
import dev.octavo.results.ThroughputRow;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page about data names each column and each figure that there is. */
class DataContractsTest {
  static Stream<String> columns() {
    return Stream.concat(
            Stream.of(PredictionRows.PUBLISHED.fieldNames()),
            ThroughputRow.COLUMNS.stream().map(ThroughputRow.Column::name))
        .distinct();
  }

  static Stream<String> figures() {
    return Stream.of(
            DatasetFigures.class,
            BundleFigures.class,
            TrainingFigures.class,
            QuantizationFigures.class,
            ScoresFigures.class)
        .flatMap(DataContractsTest::figures);
  }

  private static Stream<String> figures(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .flatMap(
            component ->
                component.isAnnotationPresent(Unwrapped.class)
                    ? figures(
                        (Class<?>)
                            ((ParameterizedType) component.getGenericType())
                                .getActualTypeArguments()[0])
                    : Stream.of(component.getName()));
  }

  @ParameterizedTest
  @MethodSource({"columns", "figures"})
  void eachColumnAndEachFigureHasALine(String column) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("docs/data-contracts.md"));
    assertThat(lines)
        .as("a row of a table that begins with `%s`", column)
        .anyMatch(line -> line.matches("\\| [^|]*`" + column + "`[^|]* \\|.*"));
  }
}
