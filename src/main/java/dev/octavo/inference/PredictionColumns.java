package dev.octavo.inference;

import dev.octavo.inference.Prediction.Guess;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** A prediction as columns of a table. */
public final class PredictionColumns {
  /** The most probable class; null with an error. */
  public static final String LABEL = "label";

  /** Why there is no class; null where there is one. */
  public static final String ERROR = "error";

  /** A defect of a file that has all its pixels nevertheless; null without one. */
  public static final String WARNING = "warning";

  /** The columns, in the order of {@link #values}. */
  public static final StructType SCHEMA =
      new StructType()
          .add(LABEL, DataTypes.StringType, true)
          .add("label_id", DataTypes.IntegerType, true)
          .add("probability", DataTypes.FloatType, true)
          .add(
              "top_k",
              DataTypes.createArrayType(
                  new StructType()
                      .add("label", DataTypes.StringType, false)
                      .add("probability", DataTypes.FloatType, false),
                  false),
              true)
          .add("probabilities", DataTypes.createArrayType(DataTypes.FloatType, false), true)
          .add("embedding", DataTypes.createArrayType(DataTypes.FloatType, false), true)
          .add("review", DataTypes.BooleanType, true)
          .add(WARNING, DataTypes.StringType, true)
          .add(ERROR, DataTypes.StringType, true);

  private PredictionColumns() {}

  /**
   * One value per column.
   *
   * @param outputs what was asked for: {@code review} is null where {@link Outputs#minConfidence}
   *     is 0, else true for what has an error or is less probable
   */
  public static List<Object> values(Prediction prediction, Outputs outputs) {
    Guess best = prediction.failed() ? null : prediction.best().get(0);
    return Arrays.asList(
        best == null ? null : best.label(),
        prediction.labelId(),
        best == null ? null : best.probability(),
        best == null
            ? null
            : prediction.best().stream()
                .map(g -> RowFactory.create(g.label(), g.probability()))
                .toArray(Row[]::new),
        prediction.probabilities(),
        prediction.embedding(),
        outputs.minConfidence() == 0
            ? null
            : (Object) (best == null || best.probability() < outputs.minConfidence()),
        prediction.warning(),
        prediction.error());
  }

  /** The same as a row of {@link #SCHEMA}. */
  public static Row row(Prediction prediction, Outputs outputs) {
    return RowFactory.create(values(prediction, outputs).toArray());
  }
}
