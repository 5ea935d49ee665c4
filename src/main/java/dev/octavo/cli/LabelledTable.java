package dev.octavo.cli;

import dev.octavo.dataset.DatasetManifest;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.table.SourceTables;
import dev.octavo.table.TableColumns;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A table of labelled images. Apart from the command, whose help would otherwise load Spark's
 * classes: picocli asks a command for all of its methods.
 */
final class LabelledTable {
  private LabelledTable() {}

  /** The columns in use, by the names that a dataset has for them. */
  static Dataset<Row> read(SparkSession session, String table, DatasetManifest.Table names) {
    Dataset<Row> rows = SourceTables.read(session, table, names.format());
    TableColumns columns = new TableColumns(rows);
    List<Column> selected = new ArrayList<>();
    selected.add(columns.image(names.image()).as(DatasetSchema.IMAGE));
    selected.add(columns.require(names.label(), "--label-column").column().as(DatasetSchema.LABEL));
    names
        .path()
        .ifPresent(name -> selected.add(columns.path(name, names.image()).as(DatasetSchema.PATH)));
    names
        .split()
        .ifPresent(
            name ->
                selected.add(
                    columns
                        .require(name, "--split-column")
                        .column()
                        .cast("string")
                        .as(DatasetSchema.SPLIT)));
    return rows.select(selected.toArray(Column[]::new));
  }
}
