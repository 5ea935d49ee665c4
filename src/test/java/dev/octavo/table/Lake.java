package dev.octavo.table;

import dev.octavo.spark.LocalCluster;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * A cluster of two executor JVMs that knows Delta and Iceberg, where they have a release for this
 * line of Spark. To be stopped by {@link LocalCluster#stop}.
 */
public final class Lake {
  /** Whether tests can have tables of Delta and Iceberg. */
  public static final boolean HAS_DELTA_AND_ICEBERG =
      org.apache.spark.package$.MODULE$.SPARK_VERSION().startsWith("3.5.");

  private Lake() {}

  /**
   * Starts the cluster.
   *
   * @param directory of its warehouse and of Iceberg's catalog, which is called {@code lake}
   */
  public static SparkSession start(Path directory) {
    Map<String, String> settings = new HashMap<>();
    settings.put("spark.sql.warehouse.dir", directory.resolve("warehouse").toUri().toString());
    if (HAS_DELTA_AND_ICEBERG) {
      settings.put(
          "spark.jars",
          Stream.of(
                  "io.delta.sql.DeltaSparkSessionExtension",
                  "io.delta.storage.LogStore",
                  "org.apache.iceberg.spark.SparkCatalog")
              .map(Lake::jar)
              .collect(Collectors.joining(",")));
      settings.put("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension");
      settings.put(
          "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog");
      settings.put("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog");
      settings.put("spark.sql.catalog.lake.type", "hadoop");
      settings.put(
          "spark.sql.catalog.lake.warehouse", directory.resolve("iceberg").toUri().toString());
    }
    return LocalCluster.start("local-cluster[2,1,1024]", settings);
  }

  private static String jar(String type) {
    try {
      return Class.forName(type)
          .getProtectionDomain()
          .getCodeSource()
          .getLocation()
          .toURI()
          .toString();
    } catch (ClassNotFoundException | URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
