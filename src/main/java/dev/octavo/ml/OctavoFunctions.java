package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.inference.PredictionColumns;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Registers functions for SQL that classify an image, as in {@code SELECT
 * octavo_classify(content).label FROM photos}. The argument is what {@link OctavoClassifier} takes;
 * the result is a struct of {@link PredictionColumns#SCHEMA}.
 *
 * <p>Calls on columns are made in full batches, as {@link OctavoClassifier} makes them: {@code
 * EXPLAIN} shows a node {@code Classify} for each, and terms of {@code WHERE} without a call come
 * first. Where a call may not be needed ({@code CASE WHEN}) or its argument is no expression of
 * columns (the element of an array, a literal), it is made for one image at a time. The function is
 * deterministic, which lets Spark evaluate it where it likes, also on the driver.
 */
public final class OctavoFunctions {
  /** The name that a function has unless another is given. */
  public static final String DEFAULT_NAME = "octavo_classify";

  private OctavoFunctions() {}

  /**
   * Registers {@code octavo_classify}, until the session ends.
   *
   * @param model directory of a model bundle
   * @throws OctavoException if there is no model
   */
  public static void register(SparkSession spark, String model) {
    register(spark, DEFAULT_NAME, model);
  }

  /** Registers a function of that name. */
  public static void register(SparkSession spark, String name, String model) {
    register(spark, name, new OctavoClassifier().setModel(model));
  }

  /**
   * Registers a function that predicts what a classifier predicts; its columns don't matter here.
   *
   * @throws OctavoException if a parameter is out of range or there is no model
   */
  public static void register(SparkSession spark, String name, OctavoClassifier classifier) {
    spark.udf().register(name, function(spark, classifier).named(name));
    BatchedCalls.install(spark);
  }

  static ClassifyFunction function(SparkSession spark, OctavoClassifier classifier) {
    return new ClassifyFunction(
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(classifier.plan(spark)));
  }
}
