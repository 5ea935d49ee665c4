package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.bundle.Precision;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.results.ResultsTable;
import dev.octavo.score.InputSource;
import dev.octavo.score.Score;
import dev.octavo.score.ScoreResult;
import dev.octavo.score.ScoreSettings;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo score}. */
@Command(
    name = "score",
    description = "Runs models over images on the executors; compares them when there are several.")
public final class ScoreCommand implements Callable<Integer> {
  private static final Duration LATENCY_TIME = Duration.ofSeconds(2);

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description =
          "A model bundle, float or int8. Given again, each runs over the same images, which are"
              + " decoded once; the first is what the others are compared with.")
  private List<Path> models;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "Every file in this folder tree is scored. Its label is the name of its folder, where a"
              + " model has a class of that name.")
  private Path images;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Instead of --images: a dataset that ingest wrote.")
  private Path data;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      description = "With --data: train, val, test or extra (test).")
  private String split;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      defaultValue = "fp32",
      description =
          "What float models compute in: fp32, bf16 or portable (${DEFAULT-VALUE}); int8 models"
              + " are always int8.")
  private Precision precision;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "16",
      converter = Converters.PositiveInt.class,
      description = "Images per call of a model (${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--top-k",
      paramLabel = "N",
      defaultValue = "5",
      converter = Converters.PositiveInt.class,
      description = "Classes listed per prediction (${DEFAULT-VALUE}).")
  private int topK;

  @Mixin private DecodeLimitsOptions limits;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the predictions, the throughput and the metrics appear.")
  private Path out;

  @Mixin private OverwriteOption overwrite;

  @Spec private CommandSpec spec;

  ScoreCommand() {}

  @Override
  public Integer call() throws IOException {
    ScoreSettings settings =
        new ScoreSettings(
            models,
            source(),
            out,
            overwrite.ifExists(),
            batchSize,
            topK,
            precision,
            limits.value(),
            LATENCY_TIME);
    print(new Score(OctavoSession.open("score"), settings).execute(), spec.commandLine().getOut());
    return 0;
  }

  private InputSource source() {
    if ((images == null) == (data == null)) {
      throw new OctavoException.Usage(
          images == null
              ? "there is nothing to score: give --images or --data"
              : "--images and --data exclude each other: give one of them");
    }
    if (images != null && split != null) {
      throw new OctavoException.Usage("--split goes with --data: a folder has no splits");
    }
    return images != null
        ? new InputSource.Folder(images)
        : new InputSource.Split(data, split == null ? DatasetSchema.TEST : split);
  }

  private static void print(ScoreResult result, PrintWriter out) {
    double seconds = result.metrics().wallMillis() / 1e3;
    int models = result.metrics().models().size();
    out.printf(
        "%,d inputs through %s in %.1f s (%.1f per second, %d partitions)%n%n",
        result.metrics().inputs(),
        models == 1 ? "1 model" : models + " models",
        seconds,
        result.metrics().inputs() / seconds,
        result.throughput().stream().map(row -> row.partition()).distinct().count());
    out.print(ResultsTable.of(result.metrics()).toText());
    out.printf("%nscores: %s%n", result.out());
  }
}
