package dev.octavo.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/**
 * A real Spark cluster for tests: a master and workers in this JVM, executors in JVMs of their own,
 * started from the embedded Spark that the build lays out.
 *
 * <p>Spark allows one context per JVM. {@link #session()} is shared by all tests of a JVM and stays
 * up between them; a test that needs another cluster starts one with {@link #start}, which takes
 * the place of the shared one, and the next call of {@link #session()} starts that again.
 */
public final class LocalCluster {
  private static final String SHARED = "local-cluster[2,1,1024]";
  private static SparkSession shared;

  private LocalCluster() {}

  /** The shared session: two executors of one core and 1 GB each. */
  public static synchronized SparkSession session() {
    if (shared == null || shared.sparkContext().isStopped()) {
      shared = start(SHARED, Map.of());
    }
    return shared;
  }

  /**
   * Starts another cluster in place of whatever runs.
   *
   * @param master such as {@code local-cluster[3,1,1024]} or {@code local[2]}
   * @param settings more Spark settings
   */
  public static synchronized SparkSession start(String master, Map<String, String> settings) {
    stop();
    SparkConf conf =
        new SparkConf(false)
            .setMaster(master)
            .setAppName("octavo tests")
            .set("spark.ui.enabled", "false")
            .set("spark.sql.shuffle.partitions", "2")
            .set("spark.executor.heartbeatInterval", "1s")
            .set("spark.local.dir", System.getProperty("java.io.tmpdir"))
            .set("spark.executor.extraClassPath", classPath())
            .set(
                "spark.executor.extraJavaOptions",
                TestProcess.SHORT_LIVED
                    + " -Djava.awt.headless=true -Dai.djl.offline=true -DOPT_OUT_TRACKING=true"
                    + " -Dlog4j2.configurationFile="
                    + System.getProperty("log4j2.configurationFile", ""))
            .set("spark.executor.memory", memory(master));
    OctavoSession.DEFAULTS.forEach(conf::set);
    settings.forEach(conf::set);
    return startAlone(conf);
  }

  /**
   * Applications are called after the second that they register in, and so are the directories of
   * their executors, which clusters of two JVMs share: each second is left to one of them.
   */
  private static SparkSession startAlone(SparkConf conf) {
    Path lock = Path.of(System.getProperty("octavo.dist"), "cluster.lock");
    try (FileChannel file =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock held = file.lock()) {
      assert held.isValid();
      SparkSession session = SparkSession.builder().config(conf).getOrCreate();
      Thread.sleep(1_000 - System.currentTimeMillis() % 1_000);
      return session;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The environment that executors are given, whatever the command. */
  public static Map<String, String> executorEnvironment() {
    String prefix = "spark.executorEnv.";
    return OctavoSession.DEFAULTS.entrySet().stream()
        .filter(setting -> setting.getKey().startsWith(prefix))
        .collect(
            Collectors.toMap(
                setting -> setting.getKey().substring(prefix.length()), Map.Entry::getValue));
  }

  /** Stops whatever runs. */
  public static synchronized void stop() {
    scala.Option<SparkSession> running = SparkSession.getDefaultSession();
    if (running.isDefined()) {
      running.get().stop();
    }
    SparkSession.clearActiveSession();
    SparkSession.clearDefaultSession();
    shared = null;
  }

  /** The third number of {@code local-cluster[executors,cores,megabytes]}. */
  private static String memory(String master) {
    Matcher matcher = Pattern.compile(".*,\\s*(\\d+)\\s*]").matcher(master);
    return matcher.matches() ? matcher.group(1) + "m" : "1g";
  }

  static String classPath() {
    return System.getProperty("octavo.classes")
        + System.getProperty("path.separator")
        + System.getProperty("octavo.test-classes")
        + System.getProperty("path.separator")
        + System.getProperty("octavo.dist")
        + "/lib/*"
        + System.getProperty("path.separator")
        + System.getProperty("octavo.dist")
        + "/onnx/*";
  }
}
