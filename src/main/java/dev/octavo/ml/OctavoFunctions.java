package dev.octavo.ml;

import dev.octavo.OctavoException;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.PredictionColumns;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;

/**
 * Registers functions for SQL that classify an image, as in {@code SELECT
 * octavo_classify(content).label FROM photos}. The argument is what {@link OctavoClassifier} takes;
 * the result is a struct of {@link PredictionColumns#SCHEMA}.
 *
 * <p>A function sees one image at a time, so the model runs over batches of one: for whole tables
 * {@link OctavoClassifier} is faster, most of all with several cores per task. The function is
 * deterministic, which lets Spark evaluate it where it likes: also twice, as for a filter on its
 * result and for the result, and on the driver, as for a literal.
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
   * Registers a function that predicts what a classifier predicts; its columns and batch size don't
   * matter here.
   *
   * @throws OctavoException if a parameter is out of range or there is no model
   */
  public static void register(SparkSession spark, String name, OctavoClassifier classifier) {
    spark.udf().register(name, function(spark, name, classifier));
  }

  static UserDefinedFunction function(
      SparkSession spark, String name, OctavoClassifier classifier) {
    Broadcast<InferencePlan> plan =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .broadcast(classifier.plan(spark, 1));
    return functions.udf(new ClassifyFunction(plan), PredictionColumns.SCHEMA).withName(name);
  }
}
