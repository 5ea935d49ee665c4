package dev.octavo.score;

import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What one model says about one input: a class, or why there is none.
 *
 * @param path of the input
 * @param model the model's name
 * @param precision as in {@code int8}
 * @param best the most probable classes, best first; empty with an error
 * @param labelId index of the first of them; null with an error
 * @param truth the true class, null where unknown or none of the model's classes
 * @param truthRank rank of the true class among all classes, 1 for the most probable; null with an
 *     error or without a truth
 * @param error why there is no class; null where there is one
 */
record Prediction(
    String path,
    String model,
    String precision,
    List<Guess> best,
    Integer labelId,
    String truth,
    Integer truthRank,
    String error) {

  static final String PATH = "path";
  static final String MODEL = "model";
  static final String LABEL = "label";
  static final String TRUTH = "truth";
  static final String TRUTH_RANK = "truth_rank";
  static final String ERROR = "error";

  /** The columns of {@code predictions/}; it is partitioned by {@link #MODEL}. */
  static final StructType SCHEMA =
      new StructType()
          .add(PATH, DataTypes.StringType, false)
          .add(MODEL, DataTypes.StringType, false)
          .add("precision", DataTypes.StringType, false)
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
          .add(TRUTH, DataTypes.StringType, true)
          .add(TRUTH_RANK, DataTypes.IntegerType, true)
          .add(ERROR, DataTypes.StringType, true);

  /** A class and how probable the model finds it. */
  record Guess(String label, float probability) {}

  /** The row in {@link #SCHEMA}. */
  Row toRow() {
    boolean failed = error != null;
    return RowFactory.create(
        path,
        model,
        precision,
        failed ? null : best.get(0).label(),
        labelId,
        failed ? null : best.get(0).probability(),
        failed
            ? null
            : best.stream()
                .map(g -> RowFactory.create(g.label(), g.probability()))
                .toArray(Row[]::new),
        truth,
        truthRank,
        error);
  }
}
