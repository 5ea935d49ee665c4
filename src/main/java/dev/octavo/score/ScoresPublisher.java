package dev.octavo.score;

import dev.octavo.artifact.FileTree;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Paths;
import dev.octavo.bundle.ImageClassifier;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.ModelSpec;
import dev.octavo.latency.LatencyRow;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.Agreement;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.ScoreMetricsModelMetricsBuilder;
import dev.octavo.results.Scores;
import dev.octavo.results.ScoresFigures;
import dev.octavo.results.ThroughputRow;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;

/** Brings the rounds of a run together, measures what they hold, and publishes the whole. */
final class ScoresPublisher {
  private final SparkSession spark;
  private final ScoresWorkspace workspace;
  private final Broadcast<InferencePlan> plan;
  private final List<ImageClassifier> classifiers;
  private final Duration latencyTime;

  ScoresPublisher(
      SparkSession spark,
      ScoresWorkspace workspace,
      Broadcast<InferencePlan> plan,
      List<ImageClassifier> classifiers,
      Duration latencyTime) {
    this.spark = spark;
    this.workspace = workspace;
    this.plan = plan;
    this.classifiers = classifiers;
    this.latencyTime = latencyTime;
  }

  /**
   * Publishes all committed rounds.
   *
   * @param run the manifest without figures
   * @param scored inputs that this run added
   * @param skipped files that are no inputs, by reason
   */
  ScoreResult publish(Manifest run, long scored, Map<FileTree.Skipped, Long> skipped)
      throws IOException {
    List<Path> rounds = workspace.rounds();
    List<ThroughputRow> throughput = new ArrayList<>();
    long wallMillis = 0;
    for (Path round : rounds) {
      throughput.addAll(RoundScorer.throughput(workspace, round));
      wallMillis += RoundScorer.wallMillis(workspace, round);
    }
    Path directory = workspace.gather();
    ScoreMetrics metrics = measure(directory, throughput, wallMillis);
    writeThroughput(directory, throughput);
    workspace.put(directory, ScoreMetrics.FILE_NAME, metrics.toJson());
    ScoresFigures figures =
        new ScoresFigures(
            rounds.size(), metrics.inputs(), metrics.wallMillis(), FileTree.counted(skipped));
    Manifest manifest =
        Manifest.of(Scores.KIND, run.parents(), run.settings(), figures.entries(metrics));
    return new ScoreResult(workspace.publish(manifest), metrics, throughput, scored);
  }

  /** Returns whether all committed rounds are published; a run may have been killed on the way. */
  static boolean isPublished(ScoresWorkspace workspace) throws IOException {
    if (!workspace.updates()) {
      return false;
    }
    return workspace.rounds().size()
        == ScoresFigures.read(workspace.manifest(), workspace.target()).rounds();
  }

  /**
   * The latencies measured when the artifact was made; empty if none were. The file may be newer
   * than the manifest, where a run was killed between the two.
   */
  static List<LatencyRow> publishedLatency(ScoresWorkspace workspace) throws IOException {
    Path file = new Path(workspace.target(), ScoreMetrics.FILE_NAME);
    return ScoreMetrics.fromJson(workspace.read(file), file).models().stream()
        .flatMap(model -> model.latency().stream())
        .toList();
  }

  /** The published scores, to which nothing was added. */
  static ScoreResult published(ScoresWorkspace workspace) throws IOException {
    Configuration conf = workspace.fileSystem().getConf();
    Manifest manifest = workspace.manifest();
    return new ScoreResult(
        workspace.target(),
        Scores.metrics(conf, workspace.target(), manifest),
        Scores.throughput(conf, workspace.target(), manifest),
        0);
  }

  private ScoreMetrics measure(Path directory, List<ThroughputRow> throughput, long wallMillis)
      throws IOException {
    List<ModelSpec> specs = plan.value().models().specs();
    PredictionMetrics written =
        JobGroup.run(
            spark,
            "reading the predictions",
            () ->
                PredictionMetrics.of(
                    spark
                        .read()
                        .schema(PredictionRows.PUBLISHED)
                        .parquet(Paths.literal(new Path(directory, Scores.PREDICTIONS))),
                    throughput.stream().mapToLong(row -> row.images() + row.failures()).sum()));
    Map<String, PredictionMetrics.Counts> counts =
        JobGroup.run(spark, "checking that every input has its row", written::counts);
    List<LatencyRow> latency = latency();
    return JobGroup.run(
        spark,
        "computing accuracy and agreement",
        () -> {
          long inputs = counts.get(specs.get(0).name()).rows();
          List<ModelMetrics> models = new ArrayList<>();
          for (int i = 0; i < specs.size(); i++) {
            String name = specs.get(i).name();
            PredictionMetrics.Counts rows =
                counts.getOrDefault(name, PredictionMetrics.Counts.NONE);
            RowCheck.check(name, inputs, rows, throughput);
            models.add(
                ScoreMetricsModelMetricsBuilder.builder()
                    .name(name)
                    .path(specs.get(i).path())
                    .precision(specs.get(i).precisionName())
                    .network(classifiers.get(i).networkName())
                    .imageSize(classifiers.get(i).preprocessing().cropSize())
                    .fileBytes(classifiers.get(i).fileBytes())
                    .images(rows.rows() - rows.errors())
                    .failures(rows.errors())
                    .accuracy(written.accuracy(name, classifiers.get(i).classes()))
                    .latency(latency.stream().filter(row -> row.model().equals(name)).toList())
                    .build());
          }
          return new ScoreMetrics(inputs, wallMillis, models, agreement(specs, written));
        });
  }

  /** As it was measured before, where this run only adds to an artifact that has it. */
  private List<LatencyRow> latency() throws IOException {
    if (workspace.updates()) {
      List<LatencyRow> before = publishedLatency(workspace);
      if (!before.isEmpty()) {
        return before;
      }
    }
    if (latencyTime.isZero()) {
      return List.of();
    }
    return JobGroup.run(
        spark,
        "measuring milliseconds per image",
        () ->
            ExecutorLatency.measure(
                JavaSparkContext.fromSparkContext(spark.sparkContext()), plan, latencyTime));
  }

  private List<Agreement> agreement(List<ModelSpec> specs, PredictionMetrics written) {
    List<Agreement> pairs = new ArrayList<>();
    for (int a = 0; a < specs.size(); a++) {
      for (int b = a + 1; b < specs.size(); b++) {
        if (classifiers.get(a).classes().equals(classifiers.get(b).classes())) {
          pairs.add(written.agreement(specs.get(a).name(), specs.get(b).name()));
        }
      }
    }
    return pairs;
  }

  private void writeThroughput(Path directory, List<ThroughputRow> rows) throws IOException {
    JobGroup.run(
        spark,
        "writing the throughput of %d partitions".formatted(rows.size()),
        () -> {
          spark
              .createDataFrame(
                  rows.stream().map(ThroughputSchema::toRow).toList(), ThroughputSchema.SCHEMA)
              .coalesce(1)
              .write()
              .mode(SaveMode.Overwrite)
              .parquet(new Path(directory, Scores.THROUGHPUT).toString());
          return null;
        });
    workspace.put(directory, ThroughputRow.FILE_NAME, ThroughputRow.toCsv(rows));
  }
}
