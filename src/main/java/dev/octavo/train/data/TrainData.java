package dev.octavo.train.data;

import static org.apache.spark.sql.functions.col;

import dev.octavo.OctavoException;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.spark.JobGroup;
import dev.octavo.train.Recipe;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/**
 * The images to train on and to validate with.
 *
 * @param artifact the dataset
 * @param train path to label
 * @param val path to label
 */
public record TrainData(
    DatasetArtifact artifact, Map<String, Integer> train, Map<String, Integer> val) {

  /** Lists a dataset's images. */
  public static TrainData list(SparkSession spark, Path directory) {
    DatasetArtifact artifact = DatasetArtifact.open(spark, directory);
    TrainData data = new TrainData(artifact, new TreeMap<>(), new TreeMap<>());
    List<Row> rows =
        JobGroup.run(
            spark,
            "listing the images of " + directory,
            () ->
                data.labelled()
                    .select(DatasetSchema.PATH, DatasetSchema.LABEL_ID, DatasetSchema.SPLIT)
                    .collectAsList());
    for (Row row : rows) {
      boolean train = row.getString(2).equals(DatasetSchema.TRAIN);
      (train ? data.train : data.val).put(row.getString(0), row.getInt(1));
    }
    if (data.train.isEmpty()) {
      throw new OctavoException("%s has no train split".formatted(directory));
    }
    return data;
  }

  private Dataset<Row> labelled() {
    return artifact
        .rows()
        .where(col(DatasetSchema.SPLIT).isin(DatasetSchema.TRAIN, DatasetSchema.VAL));
  }

  /** The images, partition <i>i</i> for worker <i>i</i>. */
  public JavaRDD<Sample> sharded(SparkSession spark, int workers, long seed) {
    Map<String, Integer> assignment = new HashMap<>(Shards.assign(train, workers, seed));
    assignment.putAll(Shards.assign(val, workers, seed));
    Broadcast<Map<String, Integer>> worker =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(assignment);
    return labelled()
        .select(
            DatasetSchema.PATH, DatasetSchema.LABEL_ID, DatasetSchema.SPLIT, DatasetSchema.IMAGE)
        .javaRDD()
        .mapToPair(
            row ->
                new Tuple2<>(
                    worker.value().get(row.getString(0)),
                    new Sample(row.getString(0), row.getInt(1), row.getString(2), row.getAs(3))))
        .partitionBy(new HashPartitioner(workers)) // sends key i to partition i
        .values();
  }

  /** The batches of each worker in an epoch. */
  public Batching batching(int workers, Recipe recipe) {
    return new Batching(recipe.batchSize(), train.size(), workers, recipe.movingBatchNorm());
  }
}
