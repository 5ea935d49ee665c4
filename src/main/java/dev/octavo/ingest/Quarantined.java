package dev.octavo.ingest;

import java.io.Serializable;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * A file, or a row of a table, that could not become a row.
 *
 * @param reason a word to count by
 * @param detail a sentence
 * @param sha256 of the file, or null if it wasn't read
 */
record Quarantined(String path, String split, String reason, String detail, String sha256)
    implements Serializable {
  /** In a list, but not in the folder. */
  static final String MISSING = "missing";

  /** In the folder, but reading it failed. */
  static final String UNREADABLE = "unreadable";

  /** Within the limits, but too large for the memory of the executor. */
  static final String OUT_OF_MEMORY = "out-of-memory";

  /** A row of a table whose image is null. */
  static final String NO_IMAGE = "no-image";

  Row toRow() {
    return RowFactory.create(path, split, reason, detail, sha256);
  }
}
