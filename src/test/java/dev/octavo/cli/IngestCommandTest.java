package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that don't go together are refused before Spark is started. */
final class IngestCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--train-list a | --train-list is given without --test-list: give both lists, or --split",
        "--test-list a | --test-list is given without --train-list: give both lists, or --split",
        "--split 0.7,0.1,0.2 --val-fraction 0.2 | --val-fraction and --split exclude each other",
        "--train-list a --test-list b --layout splits | --layout and lists exclude each other",
        "--split 0.5,0.5 | '0.5,0.5' is not a split: give three fractions",
        "--split 0.7,0.1,0.2 --train-list a --test-list b | --split and lists exclude each other",
        "--train-list a --test-list b --val-fraction 1 | the val fraction must be at least 0 and"
            + " below 1",
        "--max-pixels 9999999999 | --max-pixels is 9999999999, but must be from 1 to 715827879",
        "--max-pixels 0 | '0' is not a whole number from 1"
      })
  void refuses(String options, String message) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    List<String> args = new ArrayList<>(List.of("ingest", "--images", "i", "--out", "o"));
    args.addAll(List.of(options.split(" ", -1)));
    int exitCode =
        Octavo.run(
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            args.toArray(String[]::new));
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(message);
    assertThat(exitCode).isEqualTo(2);
  }
}
