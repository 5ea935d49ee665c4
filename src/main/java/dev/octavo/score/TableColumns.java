package dev.octavo.score;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.octavo.OctavoException;
import dev.octavo.bundle.ImageClassifier;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The columns of a table that hold images, their names and their labels. A name is that of a
 * column, dots and all, or else leads through structs, as in {@code image.bytes}.
 */
final class TableColumns {
  private static final Logger LOG = LoggerFactory.getLogger(TableColumns.class);

  /** As Hugging Face's datasets write images: {@code struct<bytes: binary, path: string>}. */
  private static final String BYTES = "bytes";

  private static final String PATH = "path";

  private final StructType schema;
  private final String columns;

  TableColumns(Dataset<Row> rows) {
    this.schema = rows.schema();
    this.columns = String.join(", ", rows.columns());
  }

  private record Found(Column column, DataType type) {
    Found field(String name) {
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

  private Found require(String name, String option) {
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
  Column image(String name) {
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
  Column path(String name, String imageColumn) {
    Found found = find(name);
    if (found == null && name.equals(PATH)) {
      Found image = find(imageColumn);
      found = image == null ? null : image.field(PATH);
    }
    return (found == null ? require(name, "--path-column") : found).column().cast("string");
  }

  /**
   * The names of the rows' classes.
   *
   * @param name of the column, null for none
   * @throws OctavoException if it holds numbers, and the models number their classes differently
   */
  Column label(String name, List<ImageClassifier> models) {
    if (name == null) {
      return lit(null).cast("string");
    }
    Found found = require(name, "--label-column");
    List<String> classes = models.get(0).classes();
    boolean numbers = classes.stream().allMatch(label -> label.matches("-?\\d+"));
    if (!(found.type() instanceof IntegralType) || numbers) {
      return found.column().cast("string");
    }
    if (models.stream().anyMatch(model -> !model.classes().equals(classes))) {
      throw new OctavoException(
          "the column '%s' numbers the classes, and the models number theirs differently: score them one by one, or give a column of names with --label-column"
              .formatted(name));
    }
    LOG.warn(
        "the column '{}' holds {}: taken for the model's classes by number, 0 for {} to {} for {}",
        name,
        found.type().simpleString(),
        classes.get(0),
        classes.size() - 1,
        classes.get(classes.size() - 1));
    Column names = functions.array(classes.stream().map(functions::lit).toArray(Column[]::new));
    return when(
        found.column().between(0, classes.size() - 1),
        element_at(names, found.column().cast("int").plus(1)));
  }
}
