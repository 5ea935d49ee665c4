package dev.octavo.table;

import dev.octavo.OctavoException;
import java.util.Locale;

/** Formats of tables that Spark reads and writes with a package of theirs only. */
public final class TableFormats {
  private TableFormats() {}

  /**
   * Checks that Spark has what a format needs.
   *
   * @throws OctavoException if it doesn't; the message names the package
   */
  public static void require(String format) {
    switch (format.toLowerCase(Locale.ROOT)) {
      case "delta" ->
          require(
              "Delta",
              "org.apache.spark.sql.delta.sources.DeltaDataSource",
              "io.delta:delta-spark_%s:VERSION".formatted(scalaLine()));
      case "iceberg" ->
          require(
              "Iceberg",
              "org.apache.iceberg.spark.source.IcebergSource",
              "org.apache.iceberg:iceberg-spark-runtime-%s_%s:VERSION"
                  .formatted(line(org.apache.spark.package$.MODULE$.SPARK_VERSION()), scalaLine()));
      default -> {} // Spark's own, or what only Spark can tell
    }
  }

  private static void require(String format, String type, String dependency) {
    try {
      Class.forName(type, false, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException e) {
      throw new OctavoException(
          "Spark doesn't have what %s's tables need: add --packages %s with the version for this Spark"
              .formatted(format, dependency),
          e);
    }
  }

  private static String scalaLine() {
    return line(scala.util.Properties.versionNumberString());
  }

  /** The first two numbers of a version. */
  private static String line(String version) {
    return version.replaceFirst("^(\\d+\\.\\d+).*", "$1");
  }
}
