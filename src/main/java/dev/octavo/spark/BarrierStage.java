package dev.octavo.spark;

import dev.octavo.OctavoException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.SparkSession;
import scala.Function1;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Stages whose tasks run all at once, one per executor, and may talk to each other (Spark's barrier
 * execution mode). If one task fails, all do, and the job with them: Spark does not run it again.
 */
public final class BarrierStage {
  private static final Pattern LOCAL_CLUSTER =
      Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,\\s*\\d+\\s*,\\s*\\d+\\s*]");

  /** The wait for further executors where nobody says how many there will be. */
  private static final long SETTLING_NANOS = 5_000_000_000L;

  private BarrierStage() {}

  /**
   * The work of one task; runs on an executor.
   *
   * @param <T> the rows of its partition
   * @param <R> its result, serializable
   */
  @FunctionalInterface
  public interface Body<T, R> extends Serializable {
    /** Does the task's work. */
    R run(BarrierTaskContext task, Iterator<T> rows) throws Exception;
  }

  /**
   * Runs one task per partition, all at the same time.
   *
   * @return the tasks' results in the order of partitions
   */
  public static <T, R> List<R> run(JavaRDD<T> partitions, Body<T, R> body) {
    ClassTag<Object> any = ClassTag$.MODULE$.Object();
    @SuppressWarnings("unchecked") // results are only stored, as references
    ClassTag<R> tag = (ClassTag<R>) any;
    Function1<scala.collection.Iterator<T>, scala.collection.Iterator<R>> task =
        (Function1<scala.collection.Iterator<T>, scala.collection.Iterator<R>> & Serializable)
            rows -> ScalaCollections.asScala(List.of(call(body, rows)).iterator());
    return new JavaRDD<>(partitions.rdd().barrier().mapPartitions(task, false, tag), tag).collect();
  }

  private static <T, R> R call(Body<T, R> body, scala.collection.Iterator<T> rows) {
    try {
      return body.run(BarrierTaskContext.get(), ScalaCollections.asJava(rows));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * The number of tasks that a barrier stage with one task per executor will have. Waits for
   * executors that are known to come, as long as {@code
   * spark.scheduler.maxRegisteredResourcesWaitingTime} says (here two minutes by default: executors
   * of a busy machine take their time).
   *
   * @param requested how many the user wants; empty for one on every executor
   * @throws OctavoException if the cluster, as it is or as it is configured, can't run them
   */
  public static int workers(SparkSession spark, OptionalInt requested) {
    SparkContext context = spark.sparkContext();
    SparkConf conf = context.conf();
    refuse(conf, "spark.dynamicAllocation.enabled", "all workers must be there at once");
    refuse(conf, "spark.speculation", "a second copy of a worker would join the first's exchange");
    OptionalInt configured = configuredExecutors(context);
    int wanted = requested.orElse(configured.orElse(1));
    if (requested.isEmpty() && configured.isEmpty()) {
      awaitExecutors(context, wanted, SETTLING_NANOS);
    } else if (configured.isEmpty() || configured.getAsInt() >= wanted) {
      awaitExecutors(context, wanted, 0);
    }
    if (context.isLocal() && wanted == 1) {
      return 1; // the one executor is its own, however many slots it has
    }
    int executors = executors(context);
    int slots = slots(context);
    String cpus = conf.get("spark.task.cpus", "1");
    if (slots > executors) {
      throw new OctavoException(
          "%d executors have %d task slots, but each worker needs an executor to itself: set spark.task.cpus (now %s) to the number of cores of an executor"
              .formatted(executors, slots, cpus));
    }
    if (slots < wanted) {
      throw new OctavoException(
          "%d workers need %d executors with %s free cores each (spark.task.cpus), but there are %d: lower --workers, or give Spark more executors (spark.executor.instances, --num-executors, or the cluster's size)"
              .formatted(wanted, wanted, cpus, slots));
    }
    return requested.orElse(slots);
  }

  /**
   * Waits as {@link #workers} does, after an executor was lost, until as many tasks can run at once
   * as before. A cluster manager that is still asked why it was lost, as YARN is, lists it
   * meanwhile as if it were there.
   *
   * @param fewest tasks that will do if none takes its place in time
   * @return how many tasks can run at once now, {@code workers} at most
   * @throws OctavoException if they are too few
   */
  public static int awaitReplacement(SparkSession spark, int workers, int fewest) {
    SparkContext context = spark.sparkContext();
    await(context, () -> slots(context) < workers);
    int left = Math.min(workers, slots(context));
    return workers(spark, OptionalInt.of(left >= fewest ? left : workers));
  }

  private static void refuse(SparkConf conf, String key, String reason) {
    if (conf.getBoolean(key, false)) {
      throw new OctavoException(
          "%s is on, but %s: pass --conf %s=false".formatted(key, reason, key));
    }
  }

  private static OptionalInt configuredExecutors(SparkContext context) {
    if (context.isLocal()) {
      return OptionalInt.of(1);
    }
    Matcher cluster = LOCAL_CLUSTER.matcher(context.master());
    if (cluster.matches()) {
      return OptionalInt.of(Integer.parseInt(cluster.group(1)));
    }
    String instances = context.conf().get("spark.executor.instances", "");
    return instances.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(instances));
  }

  /** Waits until there are enough executors and their number has not changed for a while. */
  private static void awaitExecutors(SparkContext context, int wanted, long settlingNanos) {
    await(
        context,
        new BooleanSupplier() {
          private int last = executors(context);
          private long lastChange = System.nanoTime();

          @Override
          public boolean getAsBoolean() {
            int now = executors(context);
            if (now != last) {
              last = now;
              lastChange = System.nanoTime();
            }
            return now < wanted || System.nanoTime() - lastChange < settlingNanos;
          }
        });
  }

  /** Waits while something is missing, and no longer than Spark is told to wait for executors. */
  private static void await(SparkContext context, BooleanSupplier missing) {
    long patience =
        context.conf().getTimeAsMs("spark.scheduler.maxRegisteredResourcesWaitingTime", "120s");
    long start = System.nanoTime();
    while (missing.getAsBoolean() && System.nanoTime() - start < 1_000_000 * patience) {
      try {
        Thread.sleep(100); // Spark tells of new executors only by asynchronous events
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new OctavoException("interrupted while waiting for executors", e);
      }
    }
  }

  /** Tasks that can run at once on the executors that are alive. */
  private static int slots(SparkContext context) {
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }

  /** Executors that are registered now; in local mode the driver is one. */
  private static int executors(SparkContext context) {
    int infos = Arrays.asList(context.statusTracker().getExecutorInfos()).size();
    return context.isLocal() ? 1 : infos - 1;
  }
}
