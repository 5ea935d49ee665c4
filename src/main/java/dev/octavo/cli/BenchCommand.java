package dev.octavo.cli;

import dev.octavo.bench.Bench;
import dev.octavo.bench.BenchResult;
import dev.octavo.bench.BenchSettings;
import dev.octavo.bundle.Precision;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo bench}. */
@Command(
    name = "bench",
    description = "Times models and precisions against each other on this machine.")
public final class BenchCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A model bundle, float or int8; may be given again.")
  private List<Path> models;

  @Option(
      names = "--precisions",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "portable,fp32,bf16",
      description =
          "What float models are timed in (${DEFAULT-VALUE}); int8 models are always timed as int8.")
  private List<Precision> precisions;

  @Option(
      names = "--batch-sizes",
      split = ",",
      paramLabel = "N",
      defaultValue = "8,16",
      converter = Converters.PositiveInt.class,
      description = "Images per call (${DEFAULT-VALUE}).")
  private List<Integer> batchSizes;

  @Option(
      names = "--threads",
      paramLabel = "N",
      converter = Converters.PositiveInt.class,
      description = "Threads of libtorch (all cores).")
  private Integer threads;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      converter = Converters.PositiveDouble.class,
      description = "For each model, precision and batch size (${DEFAULT-VALUE}).")
  private double seconds;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The JSON file to write; one that is there is replaced.")
  private Path out;

  @Spec private CommandSpec spec;

  BenchCommand() {}

  @Override
  public Integer call() throws IOException {
    BenchSettings settings =
        new BenchSettings(
            models,
            precisions,
            batchSizes,
            threads == null ? Runtime.getRuntime().availableProcessors() : threads,
            Duration.ofNanos((long) (seconds * 1e9)),
            out);
    BenchResult result =
        new Bench(SparkHadoopUtil.get().newConfiguration(new SparkConf()), settings).execute();
    PrintWriter console = spec.commandLine().getOut();
    console.print(result.toText());
    console.printf("bench: %s%n", result.out());
    return 0;
  }
}
