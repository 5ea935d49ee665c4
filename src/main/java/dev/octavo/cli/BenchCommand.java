package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination;
import dev.octavo.bench.Bench;
import dev.octavo.bench.BenchProcess;
import dev.octavo.bench.BenchResult;
import dev.octavo.bench.BenchSettings;
import dev.octavo.bench.BenchSettingsBuilder;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.CpuLevel;
import dev.octavo.latency.LatencyRow;
import dev.octavo.program.Precision;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
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
      description =
          "A model bundle, float or int8, or an ONNX file (.onnx); or a plain TorchScript file (.pt)"
              + " that takes float32 [N,3,H,W] (see --trust-programs). May be given again.")
  private List<Path> models;

  @Option(
      names = "--trust-programs",
      description =
          "Run plain .pt files. They are programs, which run with your permissions; of"
              + " bundles, only tensors are read.")
  private boolean trustPrograms;

  @Option(
      names = "--precisions",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "portable,fp32,bf16",
      description =
          "Precision in which float models are timed (${DEFAULT-VALUE}); int8 models are"
              + " always timed as int8.")
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
      names = "--image-size",
      paramLabel = "PIXELS",
      defaultValue = "224",
      converter = Converters.PositiveInt.class,
      description = "Height and width of images for .pt and .onnx files (${DEFAULT-VALUE}).")
  private int imageSize;

  @Option(
      names = "--cpu-levels",
      split = ",",
      paramLabel = "NAME",
      description =
          "Measure as on CPUs of these levels, each in a process of its own: amx, vnni,"
              + " avx512, avx2. Levels beyond this CPU are left out.")
  private List<CpuLevel> cpuLevels = List.of();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The JSON file to write; an existing one is replaced.")
  private Path out;

  @Spec private CommandSpec spec;

  BenchCommand() {}

  @Override
  public Integer call() throws IOException {
    BenchSettings settings =
        BenchSettingsBuilder.builder()
            .models(models)
            .precisions(precisions)
            .batchSizes(batchSizes)
            .plainFiles(
                trustPrograms ? BenchSettings.PlainFiles.TRUST : BenchSettings.PlainFiles.REFUSE)
            .threads(threads == null ? Runtime.getRuntime().availableProcessors() : threads)
            .imageSize(imageSize)
            .perModel(Duration.ofNanos((long) (seconds * 1e9)))
            .out(out)
            .build();
    Configuration conf = SparkHadoopUtil.get().newConfiguration(new SparkConf());
    Destination.checkFile(conf, out, settings.inputs());
    PrintWriter console = spec.commandLine().getOut();
    BenchResult result =
        cpuLevels.isEmpty()
            ? new Bench(conf, settings).execute()
            : byLevel(conf, settings, console);
    console.print(result.toText());
    console.printf("bench: %s%n", result.out());
    return 0;
  }

  private BenchResult byLevel(Configuration conf, BenchSettings settings, PrintWriter console)
      throws IOException {
    List<LatencyRow> rows = new ArrayList<>();
    for (CpuLevel level : cpuLevels) {
      if (!level.isReachedBy(CpuFeatures.current())) {
        console.printf("%s: left out, this CPU lacks it%n", level.id());
        continue;
      }
      console.printf("%s ...%n", level.id());
      console.flush();
      rows.addAll(
          BenchProcess.run(level, Octavo.class.getName(), json -> arguments(settings, json)));
    }
    if (rows.isEmpty()) {
      throw new OctavoException("this CPU is of none of the levels that --cpu-levels names");
    }
    BenchResult result = new BenchResult(settings.out(), rows);
    result.write(conf);
    return result;
  }

  /** The command line that measures the same in one process. */
  private List<String> arguments(BenchSettings settings, java.nio.file.Path json) {
    List<String> arguments = new ArrayList<>();
    arguments.add("bench");
    models.forEach(model -> arguments.addAll(List.of("--model", model.toString())));
    if (trustPrograms) {
      arguments.add("--trust-programs");
    }
    arguments.addAll(List.of("--precisions", joined(precisions.stream().map(Precision::id))));
    arguments.addAll(List.of("--batch-sizes", joined(batchSizes.stream().map(String::valueOf))));
    arguments.addAll(List.of("--threads", String.valueOf(settings.threads())));
    arguments.addAll(List.of("--image-size", String.valueOf(imageSize)));
    arguments.addAll(List.of("--seconds", String.valueOf(seconds)));
    arguments.addAll(List.of("--out", json.toUri().toString()));
    return arguments;
  }

  private static String joined(Stream<String> values) {
    return values.collect(Collectors.joining(","));
  }
}
