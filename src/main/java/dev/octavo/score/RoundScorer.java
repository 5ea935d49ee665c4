package dev.octavo.score;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.Paths;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.inference.InferencePlan;
import dev.octavo.results.ThroughputRow;
import dev.octavo.score.Rounds.Round;
import dev.octavo.spark.JobGroup;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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
  /** The target size of a file of predictions; most rounds have one file per model. */
  private static final long FILE_BYTES = 128L << 20;

  /**
   * Predictions that a driver that runs all tasks itself collects and writes: with the
   * probabilities of 1,000 classes 8 kB × 2,000 = 16 MB. More are written by the tasks, and again
   * as few files.
   */
  private static final long MOST_COLLECTED = 2_000;

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
    Path packed = new Path(scratch, "packed");
    CollectionAccumulator<ThroughputRow> partitions =
        spark.sparkContext().collectionAccumulator("octavo throughput");
    JavaRDD<Row> predictions =
        round.inputs().mapPartitions(new ScoreTask(plan, partitions, counters, number));
    long start = System.nanoTime();
    Written written =
        OctavoSession.isOneProcess(spark) && round.count() * models() <= MOST_COLLECTED
            ? collected(run(round, source, predictions::collect))
            : spread(run(round, source, () -> write(predictions, new Path(scratch, "written"))));
    Duration wall = Duration.ofNanos(System.nanoTime() - start);
    List<ThroughputRow> throughput = sorted(partitions.value());
    JobGroup.run(
        spark,
        "packing and checking %,d predictions".formatted(round.count() * models()),
        () -> {
          check(round, throughput, written.pack(packed));
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
                RecordEntries.of(new RoundFigures(round.count(), wall.toMillis())))
            .toJson());
    workspace.commit(packed);
    fs.delete(scratch, true);
  }

  private int models() {
    return plan.value().models().specs().size();
  }

  /**
   * The figures in the manifest of a round.
   *
   * @param inputs scored in it
   * @param wallMillis spent on that, without packing and checking
   */
  private record RoundFigures(long inputs, long wallMillis) {
    RoundFigures {
      InvalidSetting.require(
          wallMillis >= 0, "wallMillis", wallMillis, "a whole number that is not negative");
    }
  }

  /** Predictions that are to become few files. */
  private interface Written {
    /** Writes them, sorted by path, and returns what is written. */
    PredictionMetrics pack(Path to) throws IOException;
  }

  private <T> T run(Round round, String source, Supplier<T> work) {
    String description =
        "scoring %,d inputs of %s with %d %s"
            .formatted(round.count(), source, models(), models() == 1 ? "model" : "models");
    return JobGroup.run(spark, description, ScoreCounters.INPUTS, round.count(), work::get);
  }

  private Path write(JavaRDD<Row> predictions, Path out) {
    write(spark.createDataFrame(predictions, PredictionRows.SCHEMA), out);
    return out;
  }

  private static void write(Dataset<Row> predictions, Path out) {
    predictions
        .write()
        .mode(SaveMode.ErrorIfExists)
        .partitionBy(PredictionRows.MODEL)
        .parquet(out.toString());
  }

  private static List<ThroughputRow> sorted(List<ThroughputRow> rows) {
    return rows.stream()
        .sorted(
            Comparator.comparingInt(ThroughputRow::partition).thenComparing(ThroughputRow::model))
        .toList();
  }

  private Written collected(List<Row> rows) {
    return to -> {
      write(sorted(spark.createDataFrame(rows, PredictionRows.SCHEMA).coalesce(1)), to);
      return CollectedMetrics.of(rows);
    };
  }

  private Written spread(Path from) {
    return to -> {
      Dataset<Row> rows = read(from);
      long bytes = workspace.fileSystem().getContentSummary(from).getLength();
      int files = (int) Math.max(1, bytes / (FILE_BYTES * models()));
      write(
          sorted(
              files == 1
                  ? rows.repartition(models(), functions.col(PredictionRows.MODEL))
                  : rows.repartitionByRange(files, functions.col(PredictionRows.PATH))),
          to);
      return new QueriedMetrics(read(to));
    };
  }

  private static Dataset<Row> sorted(Dataset<Row> rows) {
    return rows.sortWithinPartitions(PredictionRows.MODEL, PredictionRows.PATH);
  }

  private Dataset<Row> read(Path round) {
    return spark.read().schema(PredictionRows.SCHEMA).parquet(Paths.literal(round));
  }

  private void check(Round round, List<ThroughputRow> throughput, PredictionMetrics written) {
    Map<String, PredictionMetrics.Counts> counts = written.counts();
    plan.value()
        .models()
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

  /** The throughput of the partitions of a committed round. */
  static List<ThroughputRow> throughput(ScoresWorkspace workspace, Path round) throws IOException {
    Path file = throughputIn(round);
    return ThroughputRow.fromCsv(workspace.read(file), file.toString());
  }

  /** The duration of a committed round, without packing and checking. */
  static long wallMillis(ScoresWorkspace workspace, Path round) throws IOException {
    Path file = manifestIn(round);
    Manifest manifest = Manifest.fromJson(workspace.read(file), file.toString());
    return RecordEntries.read(RoundFigures.class, manifest.figures(file.toString())).wallMillis();
  }
}
