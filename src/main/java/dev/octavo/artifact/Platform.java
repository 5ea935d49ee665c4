package dev.octavo.artifact;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.octavo.engine.CpuFeatures;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Properties;

/**
 * The versions and the machine that made an artifact.
 *
 * @param octavo version of Octavo
 * @param java version of the Java run time
 * @param spark version of Spark
 * @param djl version of DJL
 * @param libtorch version and build of libtorch, as in {@code 2.7.1-20250812}
 * @param os operating system and architecture, as in {@code Linux amd64}
 * @param cores cores that the making JVM saw
 * @param cpu instruction sets that oneDNN may use there
 */
@JsonPropertyOrder({"octavo", "java", "spark", "djl", "libtorch", "os", "cores", "cpu"})
@RecordBuilder
public record Platform(
    String octavo,
    String java,
    String spark,
    String djl,
    String libtorch,
    String os,
    int cores,
    List<String> cpu) {
  private static final String UNKNOWN = "unknown";

  /** DJL's own version resource; reading it loads no engine. */
  private static final String DJL = "ai/djl/engine/api.properties";

  private static final String LIBTORCH = "native/lib/pytorch.properties";

  /** Checks that nothing is missing. */
  public Platform {
    Objects.requireNonNull(octavo, "octavo");
    Objects.requireNonNull(java, "java");
    Objects.requireNonNull(spark, "spark");
    Objects.requireNonNull(djl, "djl");
    Objects.requireNonNull(libtorch, "libtorch");
    Objects.requireNonNull(os, "os");
    cpu = List.copyOf(cpu);
  }

  /** The platform of this JVM. */
  public static Platform current() {
    String version = Platform.class.getPackage().getImplementationVersion();
    return PlatformBuilder.builder()
        .octavo(version == null ? "development" : version)
        .java(Runtime.version().toString())
        .spark(org.apache.spark.package$.MODULE$.SPARK_VERSION())
        .djl(property(DJL, "djl_version"))
        .libtorch(property(LIBTORCH, "version"))
        .os(System.getProperty("os.name") + " " + System.getProperty("os.arch"))
        .cores(Runtime.getRuntime().availableProcessors())
        .cpu(CpuFeatures.current().names())
        .build();
  }

  private static String property(String resource, String key) {
    Properties properties = new Properties();
    try (InputStream in = Platform.class.getClassLoader().getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty(key, UNKNOWN);
  }
}
