package dev.octavo.dataset;

import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns of what {@code train --check-data} leaves beside a model: a row an image. */
public final class DataCheckSchema {
  /** The directory in the bundle. */
  public static final String DIRECTORY = "data-check";

  /** The class that the features of the others name (string). */
  public static final String NAMED = "named";

  /** The out-of-sample probability of the label (double). */
  public static final String LABEL_PROBABILITY = "label_probability";

  /** The out-of-sample probability of the class that is named (double). */
  public static final String NAMED_PROBABILITY = "named_probability";

  /** Whether the label may be wrong (boolean). */
  public static final String DOUBTFUL = "doubtful";

  /** Split of the image of another split with the nearest features; null without one (string). */
  public static final String NEAREST_SPLIT = "nearest_split";

  /** Path of that image (string). */
  public static final String NEAREST_PATH = "nearest_path";

  /** Distance of the features, scaled to length 1: 0 to 2 (double). */
  public static final String NEAREST_DISTANCE = "nearest_distance";

  /** The columns. */
  public static final StructType ROWS =
      new StructType()
          .add(DatasetSchema.SPLIT, DataTypes.StringType, false)
          .add(DatasetSchema.PATH, DataTypes.StringType, false)
          .add(DatasetSchema.LABEL, DataTypes.StringType, false)
          .add(NAMED, DataTypes.StringType, false)
          .add(LABEL_PROBABILITY, DataTypes.DoubleType, false)
          .add(NAMED_PROBABILITY, DataTypes.DoubleType, false)
          .add(DOUBTFUL, DataTypes.BooleanType, false)
          .add(NEAREST_SPLIT, DataTypes.StringType, true)
          .add(NEAREST_PATH, DataTypes.StringType, true)
          .add(NEAREST_DISTANCE, DataTypes.DoubleType, true);

  private DataCheckSchema() {}
}
