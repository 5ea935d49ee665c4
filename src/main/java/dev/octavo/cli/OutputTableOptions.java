package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.score.OutputTable;
import java.util.Optional;
import picocli.CommandLine.Option;

/** A table that predictions go to as well; used as a {@code @Mixin}. */
final class OutputTableOptions {
  @Option(
      names = "--to-table",
      paramLabel = "TABLE",
      description =
          "Append the predictions to this table, too: a path, or a name in Spark's catalog."
              + " Each prediction appears exactly once, even after a killed run.")
  private String toTable;

  @Option(
      names = "--to-format",
      paramLabel = "NAME",
      description = "With --to-table: parquet, delta or iceberg (parquet).")
  private String toFormat;

  @Option(
      names = "--mode",
      paramLabel = "NAME",
      description = "With --to-table: create, which refuses an existing table, or append (create).")
  private OutputTable.Mode mode;

  /**
   * The table, if there is one.
   *
   * @throws OctavoException.Usage if another of these options is given without it
   */
  Optional<OutputTable> value() {
    if (toTable == null) {
      if (toFormat != null || mode != null) {
        throw new OctavoException.Usage(
            "%s goes with --to-table".formatted(mode == null ? "--to-format" : "--mode"));
      }
      return Optional.empty();
    }
    return Optional.of(
        new OutputTable(
            toTable,
            toFormat == null ? "parquet" : toFormat,
            mode == null ? OutputTable.Mode.CREATE : mode));
  }
}
