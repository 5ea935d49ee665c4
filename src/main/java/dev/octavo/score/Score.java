package dev.octavo.score;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Staging;
import dev.octavo.bench.BenchRow;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.Agreement;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.Scores;
import dev.octavo.results.ThroughputRow;
import dev.octavo.score.InputSource.Folder;
import dev.octavo.score.InputSource.Listed;
import dev.octavo.score.InputSource.Split;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The stage that runs every model over the same images on the executors and publishes what they
 * say, how often they are right and how fast they are.
 *
 * <p>Predictions are written by Spark's commit protocol in the job that makes them, so that each
 * input is one row per model whatever is retried or run twice; the counts are checked before
 * anything is published.
 */
public final class Score {
  private final SparkSession spark;
  private final ScoreSettings settings;
  private final Configuration conf;
  private final JavaSparkContext context;

  /** A run on that session. */
  public Score(SparkSession spark, ScoreSettings settings) {
    this.spark = spark;
    this.settings = settings;
    this.conf = spark.sparkContext().hadoopConfiguration();
    this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
  }

  /**
   * Scores and publishes.
   *
   * @throws OctavoException if a model or the source can't be read, or an input was lost or doubled
   */
  public ScoreResult execute() throws IOException {
    List<ModelBundle> bundles = new ArrayList<>();
    for (Path path : settings.models()) {
      bundles.add(ModelBundle.open(conf, path));
    }
    List<ModelSpec> specs = specs(bundles);
    try (Staging staging = Staging.open(conf, settings.out(), settings.ifExists())) {
      Listed listed =
          JobGroup.run(
              spark,
              "listing " + describeSource(),
              () -> new InputListing(spark).list(settings.source()));
      Broadcast<ModelSet.Plan> plan =
          context.broadcast(
              new ModelSet.Plan(
                  specs,
                  settings.batchSize(),
                  settings.topK(),
                  settings.limits().maxPixels(),
                  settings.limits().maxBytes(),
                  new SerializableConfiguration(conf)));
      try {
        long start = System.nanoTime();
        List<ThroughputRow> throughput = predict(listed, plan, staging);
        Duration wall = Duration.ofNanos(System.nanoTime() - start);
        ScoreMetrics metrics = measure(bundles, listed, plan, throughput, wall, staging);
        writeThroughput(staging, throughput);
        write(staging, ScoreMetrics.FILE_NAME, metrics.toJson());
        Path out = staging.publish(manifest(bundles, specs, listed, metrics));
        return new ScoreResult(out, metrics, throughput);
      } finally {
        plan.destroy();
      }
    }
  }

  private List<ModelSpec> specs(List<ModelBundle> bundles) {
    List<String> names = ModelNames.of(bundles.stream().map(ModelBundle::directory).toList());
    List<ModelSpec> specs = new ArrayList<>();
    for (int i = 0; i < bundles.size(); i++) {
      ModelBundle bundle = bundles.get(i);
      specs.add(
          new ModelSpec(
              names.get(i),
              bundle.directory().toString(),
              bundle.manifest().id(),
              bundle.precision(settings.precision())));
    }
    return specs;
  }

  private String describeSource() {
    return settings.source() instanceof Split split
        ? "the %s split of %s".formatted(split.split(), split.dataset())
        : ((Folder) settings.source()).directory().toString();
  }

  /** Writes the predictions; returns what each partition did. */
  private List<ThroughputRow> predict(
      Listed listed, Broadcast<ModelSet.Plan> plan, Staging staging) {
    CollectionAccumulator<ThroughputRow> rows =
        spark.sparkContext().collectionAccumulator("octavo throughput");
    LongAccumulator progress = spark.sparkContext().longAccumulator("octavo inputs scored");
    JavaRDD<Row> predictions = listed.inputs().mapPartitions(new ScoreTask(plan, rows, progress));
    return JobGroup.run(
        spark,
        "scoring %,d inputs of %s with %d models"
            .formatted(listed.count(), describeSource(), plan.value().specs().size()),
        () -> {
          spark
              .createDataFrame(predictions, Prediction.SCHEMA)
              .write()
              .mode(SaveMode.ErrorIfExists)
              .partitionBy(Prediction.MODEL)
              .parquet(predictionsIn(staging).toString());
          return rows.value().stream()
              .sorted(
                  Comparator.comparingInt(ThroughputRow::partition)
                      .thenComparing(ThroughputRow::model))
              .toList();
        });
  }

  private static Path predictionsIn(Staging staging) {
    return new Path(staging.directory(), Scores.PREDICTIONS);
  }

  private ScoreMetrics measure(
      List<ModelBundle> bundles,
      Listed listed,
      Broadcast<ModelSet.Plan> plan,
      List<ThroughputRow> throughput,
      Duration wall,
      Staging staging) {
    List<ModelSpec> specs = plan.value().specs();
    PredictionMetrics written =
        new PredictionMetrics(
            spark.read().schema(Prediction.SCHEMA).parquet(predictionsIn(staging).toString()));
    Map<String, PredictionMetrics.Counts> counts =
        JobGroup.run(spark, "checking that every input has its row", written::counts);
    List<BenchRow> latency =
        JobGroup.run(
            spark,
            "measuring milliseconds per image",
            () -> ExecutorLatency.measure(context, plan, settings.latencyTime()));
    return JobGroup.run(
        spark,
        "computing accuracy and agreement",
        () -> {
          List<ModelMetrics> models = new ArrayList<>();
          for (int i = 0; i < specs.size(); i++) {
            String name = specs.get(i).name();
            PredictionMetrics.Counts rows =
                counts.getOrDefault(name, new PredictionMetrics.Counts(0, 0, 0));
            RowCheck.check(name, listed.count(), rows, throughput);
            models.add(
                new ModelMetrics(
                    name,
                    specs.get(i).path(),
                    specs.get(i).precisionName(),
                    bundles.get(i).network().name(),
                    bundles.get(i).imageSize(),
                    bundles.get(i).fileBytes(),
                    rows.rows() - rows.errors(),
                    rows.errors(),
                    written.accuracy(name, bundles.get(i).classes()),
                    latency.stream().filter(row -> row.model().equals(name)).toList()));
          }
          return new ScoreMetrics(
              listed.count(), wall.toMillis(), models, agreement(bundles, specs, written));
        });
  }

  private static List<Agreement> agreement(
      List<ModelBundle> bundles, List<ModelSpec> specs, PredictionMetrics written) {
    List<Agreement> pairs = new ArrayList<>();
    for (int a = 0; a < specs.size(); a++) {
      for (int b = a + 1; b < specs.size(); b++) {
        if (bundles.get(a).classes().equals(bundles.get(b).classes())) {
          pairs.add(written.agreement(specs.get(a).name(), specs.get(b).name()));
        }
      }
    }
    return pairs;
  }

  private void writeThroughput(Staging staging, List<ThroughputRow> rows) throws IOException {
    JobGroup.run(
        spark,
        "writing the throughput of %d partitions".formatted(rows.size()),
        () -> {
          spark
              .createDataFrame(
                  rows.stream().map(ThroughputSchema::toRow).toList(), ThroughputSchema.SCHEMA)
              .coalesce(1)
              .write()
              .parquet(new Path(staging.directory(), Scores.THROUGHPUT).toString());
          return null;
        });
    write(staging, ThroughputRow.FILE_NAME, ThroughputRow.toCsv(rows));
  }

  private static void write(Staging staging, String name, String text) throws IOException {
    try (OutputStream out = staging.fileSystem().create(new Path(staging.directory(), name))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private Manifest manifest(
      List<ModelBundle> bundles, List<ModelSpec> specs, Listed listed, ScoreMetrics metrics) {
    Map<String, String> parents = new TreeMap<>();
    for (int i = 0; i < specs.size(); i++) {
      parents.put("model " + specs.get(i).name(), bundles.get(i).manifest().id());
    }
    if (listed.parent() != null) {
      parents.put("data", listed.parent());
    }
    Map<String, Object> chosen = new TreeMap<>();
    if (settings.source() instanceof Split split) {
      chosen.put("data", split.dataset().toString());
      chosen.put("split", split.split());
    } else {
      chosen.put("images", ((Folder) settings.source()).directory().toString());
    }
    chosen.put("models", specs.stream().map(ModelSpec::path).toList());
    chosen.put("batchSize", settings.batchSize());
    chosen.put("topK", settings.topK());
    chosen.put("precision", settings.precision().id());
    chosen.put("maxPixels", settings.limits().maxPixels());
    chosen.put("maxBytes", settings.limits().maxBytes());
    Map<String, Object> figures = new TreeMap<>();
    figures.put("inputs", metrics.inputs());
    figures.put("wallMillis", metrics.wallMillis());
    for (ModelMetrics model : metrics.models()) {
      figures.put("images " + model.name(), model.images());
      figures.put("failures " + model.name(), model.failures());
    }
    return Manifest.of(Scores.KIND, parents, chosen, figures);
  }
}
