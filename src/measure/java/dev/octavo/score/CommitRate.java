package dev.octavo.score;

import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.Manifest;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.ModelSetSpec;
import dev.octavo.inference.ModelSpec;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource.Folder;
import dev.octavo.results.Scores;
import dev.octavo.score.Rounds.Round;
import dev.octavo.spark.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileUtil;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * What a round costs beside scoring, in a run that has committed others: its predictions (five
 * classes of ResNet-18, 32 pixels) are packed into one file, checked and committed. The rounds
 * before are empty directories, of which the driver reads the names.
 *
 * <p>Arguments: files of the run, each {@code FILES} or {@code FILES/ROUND} with the size of a
 * round (50,000); of each run the last whole round is scored and committed.
 */
public final class CommitRate {
  private static final int FILES_PER_ROUND = 50_000;
  private static final String MASTER = "local-cluster[2,1,1024]";

  private final SparkSession spark;
  private final Path work;
  private final ModelSpec model;

  private CommitRate(SparkSession spark, Path work, ModelSpec model) {
    this.spark = spark;
    this.work = work;
    this.model = model;
  }

  /** Prints a line for each argument. */
  public static void main(String[] args) throws IOException {
    Path work = Files.createTempDirectory("octavo-commit-");
    try {
      List<Path> originals = FlatMemory.images(work.resolve("originals"));
      RepeatedFiles.fill(work.resolve("images"), originals, FILES_PER_ROUND, FlatMemory::place);
      org.apache.hadoop.fs.Path bundle = FlatMemory.publish(work, 32);
      ModelSpec model =
          new ModelSpec(
              "model",
              bundle.toString(),
              "of this run",
              new ModelSpec.Program(Precision.FP32, CpuPolicy.ADAPT));
      CommitRate rate = new CommitRate(LocalCluster.start(MASTER, Map.of()), work, model);
      for (String run : args) {
        String[] numbers = run.split("/", -1);
        rate.measure(
            Long.parseLong(numbers[0]),
            numbers.length > 1 ? Integer.parseInt(numbers[1]) : FILES_PER_ROUND);
      }
    } finally {
      LocalCluster.stop();
      FileUtil.fullyDelete(work.toFile());
    }
  }

  private void measure(long files, int filesPerRound) throws IOException {
    int before = Math.toIntExact(Math.max(1, files / filesPerRound) - 1);
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    Manifest run = Manifest.of(Scores.KIND, Map.of(), Map.of(), Map.of());
    Path out = Files.createTempDirectory(work, "run-").resolve("scores");
    Broadcast<InferencePlan> plan =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .broadcast(
                new InferencePlan(
                    new ModelSetSpec(
                        List.of(model),
                        AsJobsScore.BATCH_SIZE,
                        DecodeLimits.DEFAULT,
                        InferencePlan.DECODE_TIME),
                    AsJobsScore.OUTPUTS,
                    new SerializableConfiguration(conf)));
    try (ScoresWorkspace workspace =
        ScoresWorkspace.open(conf, AsJobsScore.hadoop(out), IfExists.FAIL, List.of(), run)) {
      Path predictions =
          out.resolveSibling(".%s.scoring".formatted(out.getFileName()))
              .resolve(Scores.PREDICTIONS);
      for (int i = 0; i < before; i++) {
        Files.createDirectory(predictions.resolve("round=" + i));
      }
      Folder folder = new Folder(AsJobsScore.hadoop(work.resolve("images")));
      Dataset<Row> none = spark.emptyDataset(Encoders.STRING()).toDF("path");
      Round round =
          new Rounds(spark, filesPerRound)
              .of(new FileListing(spark).list(folder), none)
              .get(0)
              .get();
      RoundScorer scorer =
          new RoundScorer(spark, workspace, plan, new ScoreCounters(spark.sparkContext()));
      long start = System.nanoTime();
      scorer.score(round, workspace.rounds().size(), "images");
      double seconds = (System.nanoTime() - start) / 1e9;
      List<org.apache.hadoop.fs.Path> rounds = workspace.rounds();
      double scoring = RoundScorer.wallMillis(workspace, rounds.get(before)) / 1e3;
      System.out.printf(
          Locale.ROOT,
          "%,d files, %,d rounds before: %,d scored in %.2f s, packed, checked and committed in %.2f s%n",
          files,
          before,
          round.count(),
          scoring,
          seconds - scoring);
    } finally {
      plan.destroy();
    }
  }
}
