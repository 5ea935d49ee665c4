package dev.octavo.table;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Paths;
import java.io.IOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Opens tables by their path or by the name that Spark's catalog knows. */
public final class SourceTables {
  private SourceTables() {}

  /**
   * Returns whether it may be a name, as {@code photos} or {@code lake.db.photos}: a path has a
   * slash.
   */
  public static boolean isName(String table) {
    return !table.contains("/");
  }

  /** Returns whether the catalog knows a table of that name. */
  public static boolean isInCatalog(SparkSession spark, String table) {
    return isName(table) && spark.catalog().tableExists(table);
  }

  /**
   * The rows of a table.
   *
   * @param format that Spark reads a path in
   * @throws OctavoException if Spark finds no such table, or has no such format
   */
  public static Dataset<Row> read(SparkSession spark, String table, String format) {
    return isInCatalog(spark, table) ? spark.table(table) : readPath(spark, table, format);
  }

  private static Dataset<Row> readPath(SparkSession spark, String table, String format) {
    TableFormats.require(format);
    try {
      return spark.read().format(format).load(location(spark, table));
    } catch (Exception e) { // AnalysisException is checked, but Scala does not declare it
      if (e instanceof AnalysisException || e instanceof ClassNotFoundException) {
        throw new OctavoException(
            "%s is neither a table in Spark's catalog nor a path that Spark reads as %s: %s"
                .formatted(table, format, e.getMessage().lines().findFirst().orElse("")),
            e);
      }
      throw e;
    }
  }

  /** A path that is there stands for itself; others may be patterns. */
  private static String location(SparkSession spark, String table) {
    Path path = Paths.of(table);
    try {
      return path.getFileSystem(spark.sparkContext().hadoopConfiguration()).exists(path)
          ? Paths.literal(path)
          : table;
    } catch (IOException e) {
      return table;
    }
  }
}
