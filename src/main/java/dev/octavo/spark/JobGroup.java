package dev.octavo.spark;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/** Gives the Spark jobs of a piece of work a name that a person understands in the Spark UI. */
public final class JobGroup {
  /**
   * A local property: an accumulator's name and how far it will count, as in {@code octavo
   * inputs=500}. Progress then counts these, not tasks.
   */
  static final String PROGRESS = "octavo.progress";

  // Among them those that SparkContext.setJobGroup sets (its constants are private to Spark).
  private static final List<String> PROPERTIES =
      List.of(
          "spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel", PROGRESS);

  private JobGroup() {}

  /**
   * Work that starts Spark jobs.
   *
   * @param <T> its result
   * @param <E> what it throws
   */
  @FunctionalInterface
  public interface Work<T, E extends Exception> {
    /** Does the work. */
    T run() throws E;
  }

  /**
   * Does the work in a job group of its own and restores the caller's group afterwards.
   *
   * @param description what the Spark UI shows, as in {@code decoding 1,500 images of rooms}
   */
  public static <T, E extends Exception> T run(
      SparkSession spark, String description, Work<T, E> work) throws E {
    return run(spark, description, null, work);
  }

  /**
   * The same, with progress in more detail than by tasks.
   *
   * @param accumulator its name: it counts what is done, as tasks do it
   * @param total what it will have counted at the end
   */
  public static <T, E extends Exception> T run(
      SparkSession spark, String description, String accumulator, long total, Work<T, E> work)
      throws E {
    return run(spark, description, "%s=%d".formatted(accumulator, total), work);
  }

  private static <T, E extends Exception> T run(
      SparkSession spark, String description, String progress, Work<T, E> work) throws E {
    SparkContext context = spark.sparkContext();
    Map<String, String> previous = new TreeMap<>();
    for (String property : PROPERTIES) {
      previous.put(property, context.getLocalProperty(property));
    }
    context.setJobGroup("octavo-" + UUID.randomUUID(), description, false);
    context.setLocalProperty(PROGRESS, progress);
    try {
      return work.run();
    } finally {
      previous.forEach(context::setLocalProperty);
    }
  }
}
