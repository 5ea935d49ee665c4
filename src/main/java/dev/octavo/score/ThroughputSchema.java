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
    for (ThroughputRow.Column column : ThroughputRow.COLUMNS) {
      schema = schema.add(column.name(), type(column.type()), false);
    }
    return schema;
  }

  private static DataType type(Class<?> type) {
    if (type == int.class) {
      return DataTypes.IntegerType;
    }
    if (type == long.class) {
      return DataTypes.LongType;
    }
    return type == double.class ? DataTypes.DoubleType : DataTypes.StringType;
  }

  static Row toRow(ThroughputRow row) {
    return RowFactory.create(row.values().toArray());
  }
}
