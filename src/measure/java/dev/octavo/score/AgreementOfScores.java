package dev.octavo.score;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import java.util.Arrays;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * On how many images several runs of {@code score} name the same class for a model, run by run
 * against the first. Arguments: the scores' directories.
 */
public final class AgreementOfScores {
  private AgreementOfScores() {}

  /** Prints a table for each. */
  public static void main(String[] args) {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate();
    for (String other : Arrays.asList(args).subList(1, args.length)) {
      System.err.println(other);
      predictions(spark, args[0], "a")
          .join(predictions(spark, other, "b"), new String[] {"path", "model"})
          .groupBy("model")
          .agg(
              count(lit(1)).as("images"),
              avg(col("a").equalTo(col("b")).cast("int")).as("agreement"))
          .orderBy("model")
          .show(false);
    }
    spark.stop();
  }

  private static Dataset<Row> predictions(SparkSession spark, String scores, String name) {
    return spark
        .read()
        .parquet(scores + "/predictions")
        .select(col("path"), col("model"), col("label").as(name));
  }
}
