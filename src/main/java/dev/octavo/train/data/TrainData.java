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
 * @param unlabelled paths of images that a teacher alone teaches, to {@link #NO_LABEL}
 */
public record TrainData(
    DatasetArtifact artifact,
    Map<String, Integer> train,
    Map<String, Integer> val,
    Map<String, Integer> unlabelled) {
  /** In place of the label of an image that has none, or whose label is not used. */
  public static final int NO_LABEL = -1;

  /** The images of which a split is trained on. */
  public enum Unlabelled {
    /** None without a label. */
    LEFT_OUT,
    /** Those of the split {@code extra}, without their labels. */
    EXTRA
  }

  /**
   * Lists a dataset's images.
   *
   * @throws OctavoException if there are no train images, or no unlabelled ones where they are to
   *     take part
   */
  public static TrainData list(SparkSession spark, Path directory, Unlabelled taught) {
    DatasetArtifact artifact = DatasetArtifact.open(spark, directory);
    TrainData data = new TrainData(artifact, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
    List<Row> rows =
        JobGroup.run(
            spark,
            "listing the images of " + directory,
            () ->
                data.rows(taught)
                    .select(DatasetSchema.PATH, DatasetSchema.LABEL_ID, DatasetSchema.SPLIT)
                    .collectAsList());
    for (Row row : rows) {
      String path = row.getString(0);
      switch (row.getString(2)) {
        case DatasetSchema.TRAIN -> data.train.put(path, row.getInt(1));
        case DatasetSchema.VAL -> data.val.put(path, row.getInt(1));
        default -> data.unlabelled.put(path, NO_LABEL);
      }
    }
    if (data.train.isEmpty()) {
      throw new OctavoException("%s has no train split".formatted(directory));
    }
    if (taught == Unlabelled.EXTRA && data.unlabelled.isEmpty()) {
      throw new OctavoException(
          "%s has no split extra: leave it out of --teacher-splits".formatted(directory));
    }
    return data;
  }

  private Dataset<Row> rows(Unlabelled taught) {
    Object[] splits =
        taught == Unlabelled.EXTRA
            ? new Object[] {DatasetSchema.TRAIN, DatasetSchema.VAL, DatasetSchema.EXTRA}
            : new Object[] {DatasetSchema.TRAIN, DatasetSchema.VAL};
    return artifact.rows().where(col(DatasetSchema.SPLIT).isin(splits));
  }

  /** The images that are trained on, with and without labels. */
  public Map<String, Integer> taught() {
    Map<String, Integer> all = new TreeMap<>(train);
    all.putAll(unlabelled);
    return all;
  }

  /** The images, partition <i>i</i> for worker <i>i</i>. */
  public JavaRDD<Sample> sharded(SparkSession spark, Batching batching, long seed) {
    Map<String, Integer> assignment =
        new HashMap<>(Shards.assign(taught(), batching.globalBatch(), seed));
    assignment.putAll(Shards.assign(val, batching.workers(), seed));
    Broadcast<Map<String, Integer>> shares =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(assignment);
    return rows(unlabelled.isEmpty() ? Unlabelled.LEFT_OUT : Unlabelled.EXTRA)
        .select(
            DatasetSchema.PATH, DatasetSchema.LABEL_ID, DatasetSchema.SPLIT, DatasetSchema.IMAGE)
        .javaRDD()
        .mapToPair(
            row -> {
              int share = shares.value().get(row.getString(0));
              boolean val = row.getString(2).equals(DatasetSchema.VAL);
              return new Tuple2<>(val ? share : batching.worker(share), sample(row, share));
            })
        .partitionBy(new HashPartitioner(batching.workers())) // sends key i to partition i
        .values();
  }

  private static Sample sample(Row row, int share) {
    String split = row.getString(2);
    int label = split.equals(DatasetSchema.EXTRA) ? NO_LABEL : row.getInt(1);
    return new Sample(row.getString(0), label, split, share, row.getAs(3));
  }

  /**
   * The batches of each worker in an epoch.
   *
   * @throws OctavoException.Usage if they are larger than a batch may be
   */
  public Batching batching(int workers, Recipe recipe) {
    Batching batching =
        new Batching(
            recipe.globalBatch(workers),
            recipe.accumulate(),
            train.size() + unlabelled.size(),
            workers,
            recipe.repeats() * (recipe.loss().mixes() ? 2 : 1),
            recipe.movingBatchNorm());
    if (batching.batchSize() > Recipe.MOST_AT_ONCE) {
      throw new OctavoException.Usage(
          "--global-batch-size %d gives each of %d workers batches of %d images, of at most %d: more --accumulate makes them smaller"
              .formatted(
                  batching.globalBatch(), workers, batching.batchSize(), Recipe.MOST_AT_ONCE));
    }
    return batching;
  }
}
