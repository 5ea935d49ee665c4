package dev.octavo.report;

import dev.octavo.inference.Outputs;
import dev.octavo.program.Precision;
import dev.octavo.score.GeneratedScores;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * Scores of many images by two models, to measure {@code jobs/report} with. Arguments: the number
 * of images, the directory to write, and {@code labelled} where their classes are to be known.
 */
public final class ReportRate {
  private static final int CLASSES = 67;

  private ReportRate() {}

  /** Writes them. */
  public static void main(String[] args) throws IOException {
    int classes = args.length > 2 && args[2].equals("labelled") ? CLASSES : 0;
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    GeneratedScores scores =
        new GeneratedScores(
            IntStream.range(0, CLASSES).mapToObj("class_%02d"::formatted).toList(),
            List.of(
                new GeneratedScores.Model(
                    "float", "file:/gone/float", "sha256:1", Precision.FP32, 0, 94_400_000),
                new GeneratedScores.Model(
                    "int8", "file:/gone/int8", "sha256:2", Precision.INT8, 0.3, 23_800_000)),
            new GeneratedScores.Numbered("/data/many", Integer.parseInt(args[0]), classes, 1000),
            Outputs.top(5),
            "",
            "worker-1.example.org",
            30,
            0);
    System.err.println(scores.publish(spark, new Path(args[1])));
    spark.stop();
  }
}
