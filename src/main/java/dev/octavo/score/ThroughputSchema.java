package dev.octavo.score;

import dev.octavo.results.ThroughputRow;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns of {@code throughput/}: those of {@link ThroughputRow}. */
final class ThroughputSchema {
  static final StructType SCHEMA = schema();

  private ThroughputSchema() {}

  private static StructType schema() {
    StructType schema = new StructType();
    for (String column : ThroughputRow.COLUMNS) {
      schema = schema.add(column, type(column), false);
    }
    return schema;
  }

  private static DataType type(String column) {
    return switch (column) {
      case "round", "partition", "threads" -> DataTypes.IntegerType;
      case "model", "precision", "executor", "host", "cpuFeatures" -> DataTypes.StringType;
      case "images", "failures", "bytes", "residentBytes" -> DataTypes.LongType;
      default -> DataTypes.DoubleType;
    };
  }

  static Row toRow(ThroughputRow row) {
    return RowFactory.create(row.values().toArray());
  }
}
