package dev.octavo.inference;

import dev.octavo.inference.Prediction.Guess;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A prediction as columns of a table. */
public final class PredictionColumns {
  /** The most probable class; null with an error. */
  public static final String LABEL = "label";

  /** The reason why there is no class; null where there is one. */
  public static final String ERROR = "error";

  /** A defect of a file that has all its pixels nevertheless; null without one. */
  public static final String WARNING = "warning";

  private static final StructType TOP_K =
      new StructType()
          .add("label", DataTypes.StringType, false)
          .add("probability", DataTypes.FloatType, false);

  private static final DataType FLOATS = DataTypes.createArrayType(DataTypes.FloatType, false);

  /** The columns: all that there is to say of each. */
  private static final List<Column> COLUMNS =
      List.of(
          new Column(LABEL, DataTypes.StringType, (p, asked) -> best(p, Guess::label)),
          new Column("label_id", DataTypes.IntegerType, (p, asked) -> p.labelId()),
          new Column("probability", DataTypes.FloatType, (p, asked) -> best(p, Guess::probability)),
          new Column(
              "top_k",
              DataTypes.createArrayType(TOP_K, false),
              (p, asked) -> best(p, g -> topK(p))),
          new Column("probabilities", FLOATS, (p, asked) -> p.probabilities()),
          new Column("embedding", FLOATS, (p, asked) -> p.embedding()),
          new Column("review", DataTypes.BooleanType, PredictionColumns::review),
          new Column(WARNING, DataTypes.StringType, (p, asked) -> p.warning()),
          new Column(ERROR, DataTypes.StringType, (p, asked) -> p.error()));

  /** The columns, in the order of {@link #values}; each may be null. */
  public static final StructType SCHEMA =
      new StructType(
          COLUMNS.stream()
              .map(c -> DataTypes.createStructField(c.name, c.type, true))
              .toArray(StructField[]::new));

  /**
   * A column.
   *
   * @param value for a prediction and what was asked for
   */
  private record Column(
      String name, DataType type, BiFunction<Prediction, Outputs, Object> value) {}

  private PredictionColumns() {}

  /** One value per column. */
  public static List<Object> values(Prediction prediction, Outputs outputs) {
    List<Object> values = new ArrayList<>(COLUMNS.size());
    for (Column column : COLUMNS) {
      values.add(column.value.apply(prediction, outputs));
    }
    return values;
  }

  /** A value of the most probable class; null with an error. */
  private static Object best(Prediction prediction, Function<Guess, Object> value) {
    return prediction.failed() ? null : value.apply(prediction.best().get(0));
  }

  private static Row[] topK(Prediction prediction) {
    return prediction.best().stream()
        .map(guess -> RowFactory.create(guess.label(), guess.probability()))
        .toArray(Row[]::new);
  }

  /**
   * Null where {@link Outputs#minConfidence} is 0, else true for what has an error or is less
   * probable.
   */
  private static Object review(Prediction prediction, Outputs outputs) {
    if (outputs.minConfidence() == 0) {
      return null;
    }
    return prediction.failed() || prediction.best().get(0).probability() < outputs.minConfidence();
  }

  /** The same as a row of {@link #SCHEMA}. */
  public static Row row(Prediction prediction, Outputs outputs) {
    return RowFactory.create(values(prediction, outputs).toArray());
  }
}
