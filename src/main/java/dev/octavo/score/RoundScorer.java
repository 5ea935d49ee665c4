package dev.octavo.score;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Paths;
import dev.octavo.inference.InferencePlan;
import dev.octavo.results.ThroughputRow;
import dev.octavo.score.Rounds.Round;
import dev.octavo.spark.JobGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.util.CollectionAccumulator;

/**
 * Scores a round and commits it.
 *
 * <p>Tasks write predictions through Spark's commit protocol, so that retries and speculation leave
 * one row per input and model. These many small files are then written again as few, sorted by
 * path, and counted; only what adds up is committed.
 */
final class RoundScorer {
  /** What a file of predictions should hold at most; most rounds have one file per model. */
  private static final long FILE_BYTES = 128L << 20;

  private static final String WALL_MILLIS = "wallMillis";

  private final SparkSession spark;
  private final ScoresWorkspace workspace;
  private final Broadcast<InferencePlan> plan;
  private final ScoreCounters counters;

  RoundScorer(
      SparkSession spark,
      ScoresWorkspace workspace,
      Broadcast<InferencePlan> plan,
      ScoreCounters counters) {
    this.spark = spark;
    this.workspace = workspace;
    this.plan = plan;
    this.counters = counters;
  }

  /** Scores the inputs and commits their predictions as the next round. */
  void score(Round round, int number, String source) throws IOException {
    Path scratch = workspace.scratch();
    Path written = new Path(scratch, "written");
    Path packed = new Path(scratch, "packed");
    long start = System.nanoTime();
    List<ThroughputRow> throughput = predict(round, number, source, written);
    Duration wall = Duration.ofNanos(System.nanoTime() - start);
    JobGroup.run(
        spark,
        "packing and checking %,d predictions".formatted(round.count() * models()),
        () -> {
          pack(written, packed);
          check(round, throughput, packed);
          return null;
        });
    FileSystem fs = workspace.fileSystem();
    fs.delete(new Path(packed, "_SUCCESS"), false);
    workspace.write(throughputIn(packed), ThroughputRow.toCsv(throughput));
    workspace.write(
        manifestIn(packed),
        Manifest.of(
                "round",
                Map.of(),
                Map.of(),
                Map.of("inputs", round.count(), WALL_MILLIS, wall.toMillis()))
            .toJson());
    workspace.commit(packed);
    fs.delete(scratch, true);
  }

  private int models() {
    return plan.value().specs().size();
  }

  /** Writes the predictions; returns what each partition did. */
  private List<ThroughputRow> predict(Round round, int number, String source, Path out) {
    CollectionAccumulator<ThroughputRow> rows =
        spark.sparkContext().collectionAccumulator("octavo throughput");
    JavaRDD<Row> predictions =
        round.inputs().mapPartitions(new ScoreTask(plan, rows, counters, number));
    return JobGroup.run(
        spark,
        "scoring %,d inputs of %s with %d %s"
            .formatted(round.count(), source, models(), models() == 1 ? "model" : "models"),
        ScoreCounters.INPUTS,
        round.count(),
        () -> {
          spark
              .createDataFrame(predictions, PredictionRows.SCHEMA)
              .write()
              .mode(SaveMode.ErrorIfExists)
              .partitionBy(PredictionRows.MODEL)
              .parquet(out.toString());
          return rows.value().stream()
              .sorted(
                  Comparator.comparingInt(ThroughputRow::partition)
                      .thenComparing(ThroughputRow::model))
              .toList();
        });
  }

  private void pack(Path from, Path to) throws IOException {
    Dataset<Row> rows = read(from);
    long bytes = workspace.fileSystem().getContentSummary(from).getLength();
    int files = (int) Math.max(1, bytes / (FILE_BYTES * models()));
    Dataset<Row> spread =
        files == 1
            ? rows.repartition(models(), functions.col(PredictionRows.MODEL))
            : rows.repartitionByRange(files, functions.col(PredictionRows.PATH));
    spread
        .sortWithinPartitions(PredictionRows.MODEL, PredictionRows.PATH)
        .write()
        .mode(SaveMode.ErrorIfExists)
        .partitionBy(PredictionRows.MODEL)
        .parquet(to.toString());
  }

  private Dataset<Row> read(Path round) {
    return spark.read().schema(PredictionRows.SCHEMA).parquet(Paths.literal(round));
  }

  private void check(Round round, List<ThroughputRow> throughput, Path packed) {
    Map<String, PredictionMetrics.Counts> counts = new PredictionMetrics(read(packed)).counts();
    plan.value()
        .specs()
        .forEach(
            spec ->
                RowCheck.check(
                    spec.name(),
                    round.count(),
                    counts.getOrDefault(spec.name(), PredictionMetrics.Counts.NONE),
                    throughput));
  }

  private static Path throughputIn(Path round) {
    return new Path(round, "_" + ThroughputRow.FILE_NAME);
  }

  private static Path manifestIn(Path round) {
    return new Path(round, "_" + Manifest.FILE_NAME);
  }

  /** What the partitions of a committed round did. */
  static List<ThroughputRow> throughput(ScoresWorkspace workspace, Path round) throws IOException {
    Path file = throughputIn(round);
    return ThroughputRow.fromCsv(workspace.read(file), file.toString());
  }

  /** How long a committed round took, packing and checking left out. */
  static long wallMillis(ScoresWorkspace workspace, Path round) throws IOException {
    Path file = manifestIn(round);
    Manifest manifest = Manifest.fromJson(workspace.read(file), file.toString());
    return manifest.figures(file.toString()).count(WALL_MILLIS);
  }
}
