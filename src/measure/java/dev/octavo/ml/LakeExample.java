package dev.octavo.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.split;

import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The library from one table to another: photos in a Delta table train a classifier at the better
 * of two learning rates, which is quantized and writes its predictions to a second Delta table.
 * {@code notebooks/lake.py} has the same steps in Python.
 *
 * <p>{@code .ci/measure dev.octavo.ml.LakeExample PHOTOS WORK}, with images {@code
 * PHOTOS/CLASS/FILE} and a directory for tables and models. Spark's settings are those of any
 * program with Delta. {@code docs/library.md} has what it prints.
 */
public final class LakeExample {
  private LakeExample() {}

  /** Runs it. */
  public static void main(String[] args) {
    Path work = Path.of(args[1]).toAbsolutePath();
    SparkSession spark =
        SparkSession.builder()
            .master("local[*]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.sql.warehouse.dir", work.resolve("warehouse").toString())
            // A row carries an image: 4,096 of them in a column batch are too many.
            .config("spark.sql.parquet.columnarReaderBatchSize", 32)
            .getOrCreate();

    // A table of photos: in your lake, it is there already.
    spark
        .read()
        .format("binaryFile")
        .option("recursiveFileLookup", "true")
        .load(args[0])
        .select(col("path"), element_at(split(col("path"), "/"), -2).as("label"), col("content"))
        .write()
        .format("delta")
        .saveAsTable("photos");
    Dataset<Row> photos = spark.table("photos");
    Dataset<Row>[] parts = photos.randomSplit(new double[] {0.75, 0.25}, 7);

    OctavoEstimator estimator =
        new OctavoEstimator()
            .setNetwork("resnet18")
            .setImageSize(64)
            .setEpochs(4)
            .setBatchSize(16)
            .setPathCol("path")
            .setWorkDir(work.resolve("models").toString());
    CrossValidatorModel validated =
        new CrossValidator()
            .setEstimator(estimator)
            .setEstimatorParamMaps(
                new ParamGridBuilder()
                    .addGrid(estimator.learningRate(), new double[] {0.0005, 0.05})
                    .build())
            .setEvaluator(new OctavoEvaluator().setMetricName("accuracy"))
            .setNumFolds(2)
            .setSeed(7)
            .fit(parts[0]);
    System.out.println("accuracies of the rates: " + Arrays.toString(validated.avgMetrics()));

    OctavoClassifier best = (OctavoClassifier) validated.bestModel();
    OctavoClassifier int8 =
        new OctavoQuantizer()
            .setModel(best.getOrDefault(best.model()))
            .setCalibrationImages(64)
            .setMaxDrop(5)
            .setOutputCol("prediction")
            .setPathCol("path")
            .setWorkDir(work.resolve("models").toString())
            .fit(parts[0]);
    OctavoEvaluator evaluator = new OctavoEvaluator();
    System.out.printf(
        "accuracy on held-out rows: float %.4f, int8 %.4f%n",
        evaluator.evaluate(best.transform(parts[1])), evaluator.evaluate(int8.transform(parts[1])));

    int8.transform(photos)
        .select("path", "label", "prediction.label", "prediction.probability", "prediction.error")
        .toDF("path", "truth", "label", "probability", "error")
        .write()
        .format("delta")
        .saveAsTable("scenes");
    spark
        .sql("SELECT truth, label, count(*) AS photos FROM scenes GROUP BY 1, 2 ORDER BY 1, 3 DESC")
        .show();
    spark
        .sql("DESCRIBE HISTORY scenes")
        .select("version", "operation", "operationMetrics.numOutputRows")
        .show();
    spark.stop();
  }
}
