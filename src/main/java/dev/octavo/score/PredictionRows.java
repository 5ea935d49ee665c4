package dev.octavo.score;

import dev.octavo.inference.ModelSpec;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.Prediction;
import dev.octavo.inference.PredictionColumns;
import dev.octavo.results.Scores;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The rows of {@code predictions/}. */
final class PredictionRows {
  static final String PATH = "path";
  static final String MODEL = "model";
  static final String TRUTH = "truth";
  static final String TRUTH_RANK = "truth_rank";

  /** The columns that the tasks of a round write, partitioned by {@link #MODEL}. */
  static final StructType SCHEMA = schema();

  /** The columns that readers find: the number of the round, too. */
  static final StructType PUBLISHED = SCHEMA.add(Scores.ROUND, DataTypes.IntegerType, false);

  private PredictionRows() {}

  private static StructType schema() {
    StructType schema =
        new StructType()
            .add(PATH, DataTypes.StringType, false)
            .add(MODEL, DataTypes.StringType, false)
            .add("precision", DataTypes.StringType, false);
    for (StructField field : PredictionColumns.SCHEMA.fields()) {
      schema = schema.add(field);
    }
    return schema
        .add(TRUTH, DataTypes.StringType, true)
        .add(TRUTH_RANK, DataTypes.IntegerType, true);
  }

  /** A model's answer to an input, as a row of {@link #SCHEMA}. */
  static Row row(String path, ModelSpec model, Prediction prediction, Outputs outputs) {
    List<Object> values = new ArrayList<>(SCHEMA.size());
    values.add(path);
    values.add(model.name());
    values.add(model.precisionName());
    values.addAll(PredictionColumns.values(prediction, outputs));
    values.add(prediction.truth());
    values.add(prediction.truthRank());
    return RowFactory.create(values.toArray());
  }
}
