package dev.octavo.ml;

import dev.octavo.metrics.Quantiles;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource;
import dev.octavo.score.AsJobsScore;
import dev.octavo.score.Score;
import dev.octavo.score.ScoreResult;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * How fast the function for SQL is beside the transformer and the scoring job: all three classify
 * the same table of image files on the same two executors, in turns. The first two write paths and
 * labels to nowhere, the job its scores; its rate is that of the jobs that read, predict and write,
 * as its own results table has it. The first round, in which models are loaded, isn't counted.
 *
 * <p>Arguments: a model bundle; a folder of images; rows of the table (the images are repeated);
 * rounds (3).
 */
public final class SqlRate {
  private static final String MASTER = "local-cluster[2,1,2048]";
  private static final int PARTITIONS = 8;

  private SqlRate() {}

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    int count = Integer.parseInt(args[2]);
    int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 3;
    Path work = Files.createTempDirectory("octavo-sql-rate-");
    try {
      SparkSession spark = LocalCluster.start(MASTER, Map.of());
      write(spark, Path.of(args[1]), count, work);
      Dataset<Row> photos = spark.read().parquet(work.resolve("photos").toString());
      photos.createOrReplaceTempView("photos");
      OctavoFunctions.register(spark, args[0]);
      OctavoClassifier classifier = new OctavoClassifier().setModel(args[0]);
      List<Double> transformer = new ArrayList<>();
      List<Double> function = new ArrayList<>();
      List<Double> scoring = new ArrayList<>();
      System.out.printf(Locale.ROOT, "%,d images, %s, Spark %s%n", count, MASTER, spark.version());
      for (int round = 0; round <= rounds; round++) {
        double byTransformer =
            rate(count, classifier.transform(photos).select("path", "prediction.label"));
        double byFunction =
            rate(count, spark.sql("SELECT path, octavo_classify(content).label FROM photos"));
        double byJob = scoringRate(spark, Path.of(args[0]), work);
        System.out.printf(
            Locale.ROOT,
            "round %d: transformer %.1f, function %.1f, scoring job %.1f images/s%n",
            round,
            byTransformer,
            byFunction,
            byJob);
        if (round > 0) {
          transformer.add(byTransformer);
          function.add(byFunction);
          scoring.add(byJob);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "medians: transformer %.1f, function %.1f, scoring job %.1f images/s;"
              + " function to transformer %.3f, to scoring job %.3f%n",
          median(transformer),
          median(function),
          median(scoring),
          median(function) / median(transformer),
          median(function) / median(scoring));
    } finally {
      LocalCluster.stop();
      FileUtil.fullyDelete(work.toFile());
    }
  }

  /** Writes a table a part at a time: its images may not fit the driver's memory. */
  private static void write(SparkSession spark, Path folder, int count, Path work)
      throws IOException {
    List<Path> files;
    try (Stream<Path> tree = Files.walk(folder)) {
      files = tree.filter(Files::isRegularFile).sorted().toList();
    }
    StructType schema =
        new StructType().add("path", DataTypes.StringType).add("content", DataTypes.BinaryType);
    for (int part = 0; part < PARTITIONS; part++) {
      List<Row> rows = new ArrayList<>();
      for (int i = part; i < count; i += PARTITIONS) {
        // Spread over the folder's classes.
        Path file = files.get((int) (i * 7919L % files.size()));
        String name = "%07d-%s".formatted(i, file.getFileName());
        rows.add(RowFactory.create(name, Files.readAllBytes(file)));
      }
      spark
          .createDataFrame(rows, schema)
          .coalesce(1)
          .write()
          .mode("append")
          .parquet(work.resolve("photos").toString());
    }
  }

  private static double rate(int count, Dataset<Row> result) {
    long start = System.nanoTime();
    result.write().format("noop").mode("overwrite").save();
    return count / ((System.nanoTime() - start) / 1e9);
  }

  private static double scoringRate(SparkSession spark, Path model, Path work) throws IOException {
    Path out = work.resolve("scores");
    ScoreResult result =
        new Score(
                spark,
                AsJobsScore.settings(
                    AsJobsScore.hadoop(model),
                    Precision.FP32,
                    new InputSource.Table(
                        work.resolve("photos").toString(),
                        "parquet",
                        "content",
                        "path",
                        Optional.empty()),
                    out))
            .execute();
    FileUtil.fullyDelete(out.toFile());
    return result.added() * 1e3 / result.metrics().wallMillis();
  }

  private static double median(List<Double> rates) {
    return Quantiles.of(rates.stream().mapToDouble(Double::doubleValue).toArray()).median();
  }
}
