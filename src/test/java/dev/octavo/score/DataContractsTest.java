package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.results.ThroughputRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page about data names each column that there is. */
class DataContractsTest {
  static Stream<String> columns() {
    return Stream.concat(
            Stream.of(PredictionRows.PUBLISHED.fieldNames()),
            ThroughputRow.COLUMNS.stream().map(ThroughputRow.Column::name))
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("columns")
  void eachColumnHasALine(String column) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("docs/data-contracts.md"));
    assertThat(lines)
        .as("a row of a table that begins with `%s`", column)
        .anyMatch(line -> line.matches("\\| [^|]*`" + column + "`[^|]* \\|.*"));
  }
}
