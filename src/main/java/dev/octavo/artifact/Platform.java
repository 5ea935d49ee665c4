package dev.octavo.artifact;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Objects;

/**
 * What made an artifact: versions and machine.
 *
 * @param octavo version of Octavo
 * @param java version of the Java run time
 * @param spark version of Spark
 * @param os operating system and architecture, as in {@code Linux amd64}
 * @param cores cores that the making JVM saw
 */
@JsonPropertyOrder({"octavo", "java", "spark", "os", "cores"})
public record Platform(String octavo, String java, String spark, String os, int cores) {
  /** Checks that nothing is missing. */
  public Platform {
    Objects.requireNonNull(octavo, "octavo");
    Objects.requireNonNull(java, "java");
    Objects.requireNonNull(spark, "spark");
    Objects.requireNonNull(os, "os");
  }

  /** The platform of this JVM. */
  public static Platform current() {
    String version = Platform.class.getPackage().getImplementationVersion();
    return new Platform(
        version == null ? "development" : version,
        Runtime.version().toString(),
        org.apache.spark.package$.MODULE$.SPARK_VERSION(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors());
  }
}
