package dev.octavo.ml;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.crc32;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.split;

import dev.octavo.spark.LocalCluster;
import dev.octavo.table.Lake;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The example of {@code docs/library.md} in Java: photos go into a Delta table, two learning rates
 * are cross-validated, the better one trains a model that is quantized, and that one classifies the
 * table into another. Arguments: a folder with one folder of photos per class, weights to start
 * from, and a directory for the tables.
 */
final class LibraryExample {
  private LibraryExample() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    SparkSession spark = Lake.start(Path.of(args[2])); // two executors that know Delta
    Dataset<Row> files =
        spark
            .read()
            .format("binaryFile")
            .option("recursiveFileLookup", "true")
            .load(args[0])
            .withColumn("label", element_at(split(col("path"), "/"), -2))
            .withColumn("validation", pmod(crc32(col("path")), lit(4)).equalTo(0));
    files
        .select("path", "content", "label", "validation")
        .write()
        .format("delta")
        .saveAsTable("photos");
    Dataset<Row> photos = spark.table("photos");

    OctavoEstimator estimator =
        new OctavoEstimator()
            .setNetwork("resnet50")
            .setWeights(args[1])
            .setImageSize(128)
            .setLinearProbe(true)
            .setEpochs(4)
            .setWorkDir(args[2] + "/models");
    ParamMap[] rates =
        new ParamGridBuilder()
            .addGrid(estimator.learningRate(), new double[] {0.0001, 0.01})
            .build();
    CrossValidatorModel chosen =
        new CrossValidator()
            .setEstimator(estimator)
            .setEstimatorParamMaps(rates)
            .setEvaluator(new OctavoEvaluator())
            .setNumFolds(2)
            .setSeed(1)
            .fit(photos);
    System.out.println("accuracy by learning rate: " + Arrays.toString(chosen.avgMetrics()));

    OctavoEstimator best = (OctavoEstimator) ((OctavoClassifier) chosen.bestModel()).parent();
    PipelineModel both =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  best.setValidationIndicatorCol("validation"),
                  new OctavoQuantizer()
                      .setValidationIndicatorCol("validation")
                      .setCalibrationImages(48)
                      .setMaxDrop(5)
                      .setWorkDir(args[2] + "/models")
                })
            .fit(photos);
    both.write().overwrite().save(args[2] + "/rooms");

    OctavoClassifier int8 = (OctavoClassifier) PipelineModel.load(args[2] + "/rooms").stages()[1];
    int8.transform(photos)
        .select("path", "prediction_int8.*")
        .write()
        .format("delta")
        .saveAsTable("scenes");
    spark
        .sql(
            "SELECT photos.label, count(*) AS photos, count_if(scenes.label = photos.label) AS correct,"
                + " count_if(scenes.error IS NOT NULL) AS failed"
                + " FROM photos JOIN scenes USING (path) GROUP BY photos.label ORDER BY label")
        .show();
    double accuracy =
        new OctavoEvaluator()
            .setPredictionCol("prediction_int8")
            .evaluate(int8.transform(photos.where("validation")));
    System.out.printf("accuracy of int8 on the rows to validate with: %.3f%n", accuracy);
    LocalCluster.stop();
  }
}
