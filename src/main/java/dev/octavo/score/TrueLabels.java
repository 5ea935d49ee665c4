package dev.octavo.score;

import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import dev.octavo.OctavoException;
import dev.octavo.bundle.ImageClassifier;
import dev.octavo.table.TableColumns;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.IntegralType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The column of a table's true classes, by name or by number. */
final class TrueLabels {
  private static final Logger LOG = LoggerFactory.getLogger(TrueLabels.class);

  private TrueLabels() {}

  /**
   * The names of the rows' classes.
   *
   * @param name of the column, null for none
   * @throws OctavoException if it holds numbers, and the models number their classes differently
   */
  static Column of(TableColumns columns, String name, List<ImageClassifier> models) {
    if (name == null) {
      return lit(null).cast("string");
    }
    TableColumns.Found found = columns.require(name, "--label-column");
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
