package dev.octavo.dataset;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.rint;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;

/** Names of classes in columns of tables. */
public final class LabelNames {
  /** From here on doubles don't tell whole numbers from their neighbours. */
  private static final double MOST_EXACT = 1L << 53;

  private LabelNames() {}

  /**
   * The names in a column: of numbers their digits, so that 3 and 3.0 are one class, {@code 3}.
   * Null, blanks and NaN have the name null.
   */
  public static Column of(Column label, DataType type) {
    Column text = label.cast(DataTypes.StringType);
    if (!(type instanceof NumericType)) {
      return when(trim(text).notEqual(""), text);
    }
    Column number = label.cast(DataTypes.DoubleType);
    Column whole = number.equalTo(rint(number)).and(abs(number).lt(MOST_EXACT));
    return when(whole, label.cast(DataTypes.LongType).cast(DataTypes.StringType))
        .when(not(isnan(number)), text);
  }
}
