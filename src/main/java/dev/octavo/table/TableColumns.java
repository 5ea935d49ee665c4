package dev.octavo.table;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of a table that hold images, their names and their labels. A name is that of a
 * column, dots and all, or else leads through structs, as in {@code image.bytes}.
 */
public final class TableColumns {
  /** As Hugging Face's datasets write images: {@code struct<bytes: binary, path: string>}. */
  private static final String BYTES = "bytes";

  private static final String PATH = "path";

  private final StructType schema;
  private final String columns;

  /** The columns of a table. */
  public TableColumns(Dataset<Row> rows) {
    this.schema = rows.schema();
    this.columns = String.join(", ", rows.columns());
  }

  /**
   * A column that is there.
   *
   * @param type of its values
   */
  public record Found(Column column, DataType type) {
    private Found field(String name) {
      if (type instanceof StructType struct && List.of(struct.fieldNames()).contains(name)) {
        return new Found(column.getField(name), struct.apply(name).dataType());
      }
      return null;
    }
  }

  /** The column of that name, or null. */
  private Found find(String name) {
    if (List.of(schema.fieldNames()).contains(name)) {
      return new Found(col("`" + name.replace("`", "``") + "`"), schema.apply(name).dataType());
    }
    int dot = name.lastIndexOf('.');
    Found outer = dot < 0 ? null : find(name.substring(0, dot));
    return outer == null ? null : outer.field(name.substring(dot + 1));
  }

  /**
   * A column.
   *
   * @param option that names it
   * @throws OctavoException if the table has none of that name
   */
  public Found require(String name, String option) {
    Found found = find(name);
    if (found == null) {
      throw new OctavoException(
          "the table has no column '%s' but %s; choose with %s".formatted(name, columns, option));
    }
    return found;
  }

  /**
   * The bytes of image files.
   *
   * @throws OctavoException if the column is neither binary nor a struct with binary {@code bytes}
   */
  public Column image(String name) {
    Found found = require(name, "--image-column");
    Found bytes = found.field(BYTES);
    Found used = bytes == null ? found : bytes;
    if (!used.type().equals(DataTypes.BinaryType)) {
      throw new OctavoException(
          "the column '%s' is %s, not binary (--image-column)"
              .formatted(name, found.type().simpleString()));
    }
    return used.column();
  }

  /** The names of the rows: the column, or else the paths that a struct of images has. */
  public Column path(String name, String imageColumn) {
    Found found = find(name);
    if (found == null && name.equals(PATH)) {
      Found image = find(imageColumn);
      found = image == null ? null : image.field(PATH);
    }
    return (found == null ? require(name, "--path-column") : found).column().cast("string");
  }
}
