package dev.octavo.score;

import dev.octavo.bundle.ModelBundle;
import dev.octavo.program.Precision;
import dev.octavo.score.DjlTask.Norm;
import dev.octavo.score.DjlTask.Source;
import dev.octavo.spark.BarrierStage;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.DoubleAccumulator;

/**
 * Scoring with DJL inside of Spark as its users write it today ({@link DjlTask}), then Octavo's
 * stage over the same files. Each has two fresh executors of one core, and begins with no model
 * loaded. DJL's models are loaded once per executor, not once for each of the partitions that
 * Spark's sources cut.
 *
 * <p>Arguments: a float bundle, whose plain program stands for one that was traced in Python; its
 * int8 bundle; a folder of images; how many files to score (the images are repeated); instead of
 * the float bundle's program, a traced one that takes normalised pixels (or {@code -}); the one of
 * Spark's sources to take, {@code binaryFile} or {@code image} (both).
 */
public final class DjlBaseline {
  private static final int CORES = 2;
  private static final String MASTER = "local-cluster[%d,1,2048]".formatted(CORES);

  private static final StructType ROWS =
      new StructType()
          .add("path", DataTypes.StringType)
          .add("label", DataTypes.StringType)
          .add("probability", DataTypes.DoubleType);

  private final Path work;
  private final int count;
  private double best;

  private DjlBaseline(Path work, int count) {
    this.work = work;
    this.count = count;
  }

  /** Measures and prints. */
  public static void main(String[] args) throws IOException {
    ModelBundle model = AsJobsScore.open(Path.of(args[0]));
    ModelBundle quantized = AsJobsScore.open(Path.of(args[1]));
    int count = Integer.parseInt(args[3]);
    boolean traced = args.length > 4 && !args[4].equals("-");
    Path work = Files.createTempDirectory("octavo-djl-baseline-");
    try {
      RepeatedFiles.fill(
          work.resolve("images"),
          RepeatedFiles.in(Path.of(args[2])),
          count,
          (i, file) ->
              file.getParent().getFileName().resolve("%07d-%s".formatted(i, file.getFileName())));
      // Away from the bundle, whose serving.properties DJL would follow.
      Path program = Files.createDirectories(work.resolve("program")).resolve("resnet.pt");
      Files.copy(
          traced
              ? Path.of(args[4])
              : Path.of(model.directory().toUri()).resolve(ModelBundle.MODEL_FILE),
          program);
      Norm norm = traced ? Norm.BY_DJL : Norm.BY_THE_PROGRAM;
      DjlBaseline baseline = new DjlBaseline(work, count);
      System.out.printf(Locale.ROOT, "%,d files, %s%n", count, MASTER);
      List<Source> sources =
          args.length > 5
              ? Stream.of(Source.values()).filter(s -> s.format().equals(args[5])).toList()
              : List.of(Source.values());
      for (Source source : sources) {
        if (!source.exists()) {
          System.out.printf("DJL, %s: this Spark has no such source%n", source.format());
          continue;
        }
        baseline.djl(source, Map.of(), "as DJL has it", program, norm, model.classes());
        baseline.djl(
            source,
            Map.of("spark.executorEnv.OMP_NUM_THREADS", "1"),
            "1",
            program,
            norm,
            model.classes());
      }
      baseline.octavo(quantized, Precision.INT8);
    } finally {
      LocalCluster.stop();
      FileUtil.fullyDelete(work.toFile());
    }
  }

  private static SparkSession start(Map<String, String> settings) {
    SparkSession spark = LocalCluster.start(MASTER, settings);
    BarrierStage.workers(spark, OptionalInt.empty()); // waits for the executors
    return spark;
  }

  private void djl(
      Source source,
      Map<String, String> settings,
      String threads,
      Path program,
      Norm norm,
      List<String> classes) {
    SparkSession spark = start(settings);
    DoubleAccumulator loadSeconds = spark.sparkContext().doubleAccumulator();
    Path out = work.resolve("djl");
    long start = System.nanoTime();
    Dataset<Row> images =
        spark
            .read()
            .format(source.format())
            .option("recursiveFileLookup", "true")
            .load(work.resolve("images").toUri().toString())
            .selectExpr(source.columns().toArray(String[]::new));
    images
        .coalesce(CORES)
        .mapPartitions(new DjlTask(program, classes, norm, source, loadSeconds), Encoders.row(ROWS))
        .write()
        .parquet(out.toUri().toString());
    double seconds = (System.nanoTime() - start) / 1e9;
    Dataset<Row> rows = spark.read().schema(ROWS).parquet(out.toUri().toString());
    long right =
        rows.filter(
                functions
                    .element_at(functions.split(functions.col("path"), "/"), -2)
                    .equalTo(functions.col("label")))
            .count();
    best = Math.max(best, count / seconds);
    System.out.printf(
        Locale.ROOT,
        "DJL, %s, libtorch threads %s: %.1f images/s (%d rows in %.1f s, of which loading %.1f s in"
            + " each task); top-1 %.2f %%%n",
        source.format(),
        threads,
        count / seconds,
        rows.count(),
        seconds,
        loadSeconds.value() / CORES,
        100.0 * right / count);
    FileUtil.fullyDelete(out.toFile());
  }

  private void octavo(ModelBundle bundle, Precision precision) throws IOException {
    SparkSession spark = start(Map.of());
    Path out = work.resolve("octavo");
    ScoreSettings settings =
        AsJobsScore.settings(bundle.directory(), precision, work.resolve("images"), out);
    long start = System.nanoTime();
    ScoreResult result = new Score(spark, settings).execute();
    double seconds = (System.nanoTime() - start) / 1e9;
    double rate = count * 1e3 / result.metrics().wallMillis();
    var accuracy = result.metrics().models().get(0).accuracy();
    System.out.printf(
        Locale.ROOT,
        "Octavo, %s: %.1f images/s in the scoring job, %.1f from start to published scores; %.1f"
            + " and %.1f times the best of DJL; top-1 %.2f %%%n",
        precision.id(),
        rate,
        count / seconds,
        rate / best,
        count / seconds / best,
        accuracy == null ? Double.NaN : 100 * accuracy.top1());
    FileUtil.fullyDelete(out.toFile());
  }
}
