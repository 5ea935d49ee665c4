package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.table.SourceTables;
import java.util.List;
import java.util.Locale;

/**
 * A table that predictions are appended to.
 *
 * @param table a path, or a name in Spark's catalog
 * @param format {@code parquet}, {@code delta} or {@code iceberg}
 * @param mode what may be there
 */
public record OutputTable(String table, String format, Mode mode) {
  /** The formats that each round can be appended to exactly once. */
  static final List<String> FORMATS = List.of("parquet", "delta", "iceberg");

  /** The state of the table before the run. */
  public enum Mode {
    /** No table, but for one that the same run began. */
    CREATE,
    /** A table, whose rows stay. */
    APPEND
  }

  /**
   * Checks them.
   *
   * @throws OctavoException.Usage if the format is unknown, or its tables are not named so
   */
  public OutputTable {
    format = format.toLowerCase(Locale.ROOT);
    if (!FORMATS.contains(format)) {
      throw new OctavoException.Usage(
          "--to-format is %s, but must be one of %s".formatted(format, String.join(", ", FORMATS)));
    }
    if (format.equals("parquet") && SourceTables.isName(table)) {
      throw new OctavoException.Usage(
          "--to-table %s is a name, but Parquet takes a path, as in ./%s (or choose --to-format delta or iceberg)"
              .formatted(table, table));
    }
    if (format.equals("iceberg") && !SourceTables.isName(table)) {
      throw new OctavoException.Usage(
          "--to-table %s is a path, but Iceberg takes a name in a catalog, as in lake.db.scores"
              .formatted(table));
    }
  }
}
