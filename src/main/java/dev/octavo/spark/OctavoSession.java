package dev.octavo.spark;

import dev.octavo.OctavoException;
import dev.octavo.artifact.LocalFiles;
import java.net.BindException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Spark session that a command works in.
 *
 * <p>Octavo fills in what it needs where the user has said nothing; whatever {@code --conf}, a
 * properties file or {@code spark-defaults.conf} sets stays as it is.
 */
public final class OctavoSession {
  /** A host that is silent is given up after a minute and a half; Hadoop's default is 15. */
  private static final Map<String, String> PATIENCE =
      Map.of("ipc.client.connect.max.retries.on.timeouts", "3");

  private static final String HADOOP_DEFAULTS = "core-default.xml";

  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*\\d+\\s*,\\s*(\\d+)\\s*,\\s*(\\d+)\\s*]");
  private static final Pattern LOCAL = Pattern.compile("local\\[\\s*(\\d+|\\*)\\s*(?:,.*)?]");

  static final Map<String, String> DEFAULTS =
      Map.of(
          // A row carries an image: Spark's 4,096 rows per column batch would be gigabytes.
          "spark.sql.parquet.columnarReaderBatchSize",
          "32",
          // Values of partition columns are names, also where they look like numbers or dates.
          "spark.sql.sources.partitionColumnTypeInference.enabled",
          "false",
          "spark.executorEnv.OPT_OUT_TRACKING",
          "true",
          // Pages of Parquet are written with checksums.
          "spark.hadoop.parquet.page.verify-checksum.enabled",
          "true",
          // A damaged image is a row of the quarantine, not a line of native code in the log.
          "spark.executorEnv.OPENCV_LOG_LEVEL",
          "SILENT",
          // Images must fit a Java array. Their headers are checked before OpenCV sees them; this
          // is for what it might read there otherwise.
          "spark.executorEnv.OPENCV_IO_MAX_IMAGE_PIXELS",
          "715827880",
          "spark.ui.showConsoleProgress",
          "false");

  /** For a driver that runs all tasks itself. */
  private static final Map<String, String> ONE_PROCESS_DEFAULTS =
      Map.of(
          // Nobody looks at it while a job takes seconds; a web server takes one of them to start.
          "spark.ui.enabled",
          "false",
          // A task that ran out of memory fails, and the job says so; Spark would end the JVM.
          "spark.executor.killOnFatalError.depth",
          "0",
          // Compiling a query takes longer than interpreting it where each row stands for a
          // image that takes milliseconds.
          "spark.sql.codegen.wholeStage",
          "false",
          "spark.sql.codegen.factoryMode",
          "NO_CODEGEN");

  /** For glibc's malloc, by mallopt(3): one heap that grows by 64 MiB and never shrinks. */
  private static final Map<String, String> KEEP_FREED_MEMORY =
      Map.of(
          "MALLOC_MMAP_MAX_",
          "0",
          "MALLOC_TRIM_THRESHOLD_",
          String.valueOf(Long.MAX_VALUE),
          "MALLOC_TOP_PAD_",
          String.valueOf(64L << 20),
          "MALLOC_ARENA_MAX",
          "1",
          // In huge pages, where the system leaves that to programs.
          "GLIBC_TUNABLES",
          "glibc.malloc.hugetlb=1");

  private static volatile boolean opened;

  private static final String SERIALIZER = "spark.serializer";

  private static final String SECRET = "spark.authenticate.secret";

  /** How a worker of a standalone cluster hands the secret to a driver that it starts. */
  private static final String SECRET_VARIABLE = "_SPARK_AUTH_SECRET";

  private OctavoSession() {}

  /**
   * Gets or creates the session of a command.
   *
   * @param command its name, as in {@code ingest}; the application is called {@code octavo ingest}
   * @throws OctavoException if Spark can't be started
   */
  public static SparkSession open(String command) {
    return open(command, Map.of());
  }

  /**
   * Gets or creates a session whose executors run networks, and keep the memory that a batch frees.
   *
   * <p>glibc would give blocks of more than 32 MB, such as activations in float32, back to the
   * system each time, which then clears page after page for the next batch.
   *
   * @param command its name, as in {@code score}
   * @throws OctavoException if Spark can't be started
   */
  public static SparkSession openForNetworks(String command) {
    return open(command, keepFreedMemory());
  }

  private static Map<String, String> keepFreedMemory() {
    Map<String, String> settings = new LinkedHashMap<>();
    KEEP_FREED_MEMORY.forEach((name, value) -> settings.put("spark.executorEnv." + name, value));
    return settings;
  }

  /**
   * Gets or creates a session for networks whose tasks take a whole executor each ({@code
   * spark.task.cpus} is the executor's number of cores), so that one task can give all cores to
   * libtorch.
   *
   * <p>Accumulators travel with the heartbeats of executors; these are made more frequent so that
   * progress is seen soon.
   *
   * @param command its name, as in {@code train}
   * @throws OctavoException if Spark can't be started
   */
  public static SparkSession openForWholeExecutorTasks(String command) {
    Map<String, String> settings = keepFreedMemory();
    settings.put("spark.executor.heartbeatInterval", "2s");
    executorCores(new SparkConf())
        .ifPresent(cores -> settings.put("spark.task.cpus", String.valueOf(cores)));
    return open(command, settings);
  }

  /**
   * A session for Octavo's own queries beside one of somebody else: of the same cluster, with the
   * settings of SQL that datasets are read with.
   *
   * @throws OctavoException if the cluster serializes what tasks exchange by another way than
   *     Java's
   */
  public static SparkSession beside(SparkSession session) {
    SparkConf conf = session.sparkContext().conf();
    String java = JavaSerializer.class.getName();
    if (!conf.get(SERIALIZER, java).equals(java)) {
      throw new OctavoException(
          "%s is %s, but Octavo's tasks need %s: start Spark without that setting"
              .formatted(SERIALIZER, conf.get(SERIALIZER), java));
    }
    SparkSession own = session.newSession();
    DEFAULTS.forEach(
        (key, value) -> {
          if (key.startsWith("spark.sql.")) {
            own.conf().set(key, value);
          }
        });
    return own;
  }

  private static SparkSession open(String command, Map<String, String> settings) {
    SparkConf conf = new SparkConf();
    if (!conf.contains("spark.master")) {
      throw new OctavoException.Usage(
          "no Spark master is set: start with jobs/%s, or with spark-submit --master URL"
              .formatted(command));
    }
    conf.set("spark.app.name", "octavo " + command);
    DEFAULTS.forEach(conf::setIfMissing);
    if (isOneProcess(conf.get("spark.master"))) {
      ONE_PROCESS_DEFAULTS.forEach(conf::setIfMissing);
      // Executors elsewhere need a file system before they have this class.
      LocalFiles.SETTINGS.forEach((key, value) -> conf.setIfMissing("spark.hadoop." + key, value));
    }
    Matcher cluster = LOCAL_CLUSTER.matcher(conf.get("spark.master"));
    if (cluster.matches()) { // an executor fills its worker, as it would on a machine of its own
      conf.setIfMissing("spark.executor.memory", cluster.group(2) + "m");
    }
    settings.forEach(conf::setIfMissing);
    limitPatience(
        new Configuration(), (key, value) -> conf.setIfMissing("spark.hadoop." + key, value));
    useJavaSerializer(conf);
    // Spark itself looks only into its settings, and starts no context there.
    String secret = System.getenv(SECRET_VARIABLE);
    if (secret != null) {
      conf.setIfMissing(SECRET, secret);
    }
    try {
      boolean fresh = SparkSession.getDefaultSession().isEmpty();
      SparkSession session = SparkSession.builder().config(conf).getOrCreate();
      opened = true;
      if (fresh) {
        Listeners.addTo(session.sparkContext());
        EmbeddedSpark.silenceWhenToldToEnd(session.sparkContext().master());
      }
      return session;
    } catch (Exception e) { // BindException and SparkException are checked, but Scala declares none
      if (e instanceof BindException) {
        throw new OctavoException(
            "Spark can't be started: a port is in use, or is no address of this machine (%s); leave spark.driver.port, spark.blockManager.port and spark.ui.port out, and Spark takes free ones"
                .formatted(e.getMessage()),
            e);
      }
      throw new OctavoException(
          "Spark can't be started with master %s: %s"
              .formatted(conf.get("spark.master"), e.getMessage()),
          e);
    }
  }

  /** Kryo can't serialize records, and Octavo's tasks are made of them. */
  static void useJavaSerializer(SparkConf conf) {
    String java = JavaSerializer.class.getName();
    String configured = conf.get(SERIALIZER, java);
    if (!configured.equals(java)) {
      Logs.LOG.warn("{} is {}: this job takes {}, as it needs to", SERIALIZER, configured, java);
      conf.set(SERIALIZER, java);
    }
  }

  /** Returns whether this JVM opened a session. */
  public static boolean isOpen() {
    return opened;
  }

  /**
   * Stops the session, if one was opened; loads no class of Spark otherwise. To be called before
   * the JVM ends: of a Spark that runs within it, nothing is heard from then on.
   */
  public static void stop() {
    if (opened && SparkSession.getDefaultSession().isDefined()) {
      SparkSession session = SparkSession.getDefaultSession().get();
      EmbeddedSpark.silence(session.sparkContext().master());
      session.stop();
    }
  }

  /**
   * Cancels what a failed job left running in this JVM and waits for it, at most some seconds:
   * tasks that find Spark stopped under them fill the console with stack traces. Executors are left
   * to Spark.
   */
  public static void endTasks() {
    if (opened && SparkSession.getDefaultSession().isDefined()) {
      SparkSession session = SparkSession.getDefaultSession().get();
      if (isOneProcess(session)) {
        Tasks.end(session.sparkContext());
      }
    }
  }

  /** Loaded by the first message: help needs no logging, whose start is a third of its time. */
  private static final class Logs {
    static final Logger LOG = LoggerFactory.getLogger(OctavoSession.class);
  }

  /** Apart, since the JVM loads classes of Spark to check this code. */
  private static final class Tasks {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    static void end(SparkContext context) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      try {
        context.cancelAllJobs();
        while (!context.isStopped() && anyRuns(context) && System.nanoTime() < deadline) {
          LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
      } catch (IllegalStateException e) {
        Logs.LOG.debug("Spark stops already", e); // the JVM was told to end
      }
    }

    private static boolean anyRuns(SparkContext context) {
      return Arrays.stream(context.statusTracker().getExecutorInfos())
          .anyMatch(executor -> executor.numRunningTasks() > 0);
    }
  }

  /** Apart, since the JVM loads classes of Spark to check this code. */
  private static final class Listeners {
    static void addTo(SparkContext context) {
      if (!context.conf().getBoolean("spark.ui.showConsoleProgress", false)) {
        context.addSparkListener(new JobProgress(System.err));
      }
      ExecutorFailures.wanted().ifPresent(context::addSparkListener);
    }
  }

  /** Returns whether the driver runs all tasks itself. */
  public static boolean isOneProcess(SparkSession session) {
    return isOneProcess(session.sparkContext().master());
  }

  private static boolean isOneProcess(String master) {
    return master.equals("local") || LOCAL.matcher(master).matches();
  }

  /**
   * Hadoop's configuration as a session will have it, for what is looked at before one is opened.
   */
  public static Configuration hadoopConfiguration() {
    Configuration conf = SparkHadoopUtil.get().newConfiguration(new SparkConf());
    LocalFiles.SETTINGS.forEach(conf::set);
    limitPatience(conf, conf::set);
    return conf;
  }

  /** Sets what nobody else has set. */
  private static void limitPatience(Configuration conf, BiConsumer<String, String> setting) {
    PATIENCE.forEach(
        (key, value) -> {
          String[] sources = conf.getPropertySources(key);
          if (sources == null || List.of(sources).equals(List.of(HADOOP_DEFAULTS))) {
            setting.accept(key, value);
          }
        });
  }

  /**
   * Cores of one executor as far as the configuration tells; empty where only the cluster knows (a
   * standalone cluster without {@code spark.executor.cores} gives all cores of a machine).
   */
  public static OptionalInt executorCores(SparkConf conf) {
    String master = conf.get("spark.master", "");
    Matcher cluster = LOCAL_CLUSTER.matcher(master);
    if (cluster.matches()) {
      return OptionalInt.of(Integer.parseInt(cluster.group(1)));
    }
    Matcher local = LOCAL.matcher(master);
    if (local.matches()) {
      return OptionalInt.of(
          local.group(1).equals("*")
              ? Runtime.getRuntime().availableProcessors()
              : Integer.parseInt(local.group(1)));
    }
    if (master.equals("local")) {
      return OptionalInt.of(1);
    }
    if (conf.contains("spark.executor.cores")) {
      return OptionalInt.of(conf.getInt("spark.executor.cores", 1));
    }
    boolean standalone = master.startsWith("spark:");
    return standalone ? OptionalInt.empty() : OptionalInt.of(1);
  }
}
