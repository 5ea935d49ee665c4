package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.InputFiles;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.OnnxOptions;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.inference.Outputs;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource;
import dev.octavo.results.Scores;
import dev.octavo.score.Score;
import dev.octavo.score.ScoreSettings;
import dev.octavo.score.ScoreSettingsBuilder;
import dev.octavo.score.Watch;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private static final Duration LATENCY_TIME = Duration.ofSeconds(1);
  private static final String ONNX = ".onnx";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description =
          "A model bundle, float or int8, or an ONNX file. Given several times, all run"
              + " over the same images, which are decoded once; the others are compared with the"
              + " first.")
  private List<Path> models;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "Every file in this folder tree is scored, except hidden ones. Its label is the"
              + " name of its folder, where a model has a class of that name.")
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
      names = "--list",
      paramLabel = "FILE",
      description =
          "Instead of --images: a text file with a path on each line, or Parquet with a"
              + " column of paths. Relative paths start at the list's folder.")
  private Path list;

  @Mixin private TableOptions table;

  @Option(
      names = "--path-column",
      paramLabel = "NAME",
      description =
          "With --table or a --list in Parquet: the column that names a row or file (path).")
  private String pathColumn;

  @Option(
      names = "--label-column",
      paramLabel = "NAME",
      description = "With --table: the column with the true class, if there is one.")
  private String labelColumn;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      defaultValue = "fp32",
      description =
          "Precision of float models: fp32, bf16 or portable (${DEFAULT-VALUE}); int8"
              + " models are always int8.")
  private Precision precision;

  @Option(
      names = "--strict-cpu",
      description =
          "Fail where a CPU lacks what an int8 model was made for (VNNI), instead of running the"
              + " model's 7-bit variant there with a warning.")
  private boolean strictCpu;

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

  @Option(
      names = "--probabilities",
      description =
          "Keep the probabilities of all classes, in the order of the model's synset.txt.")
  private boolean probabilities;

  @Option(
      names = "--embeddings",
      description = "Keep the pooled features that the classifier reads, for search.")
  private boolean embeddings;

  @Option(
      names = "--min-confidence",
      paramLabel = "P",
      defaultValue = "0",
      description =
          "Mark predictions with a lower probability for review (${DEFAULT-VALUE}: none).")
  private double minConfidence;

  @Option(
      names = "--views",
      paramLabel = "VIEWS",
      defaultValue = "one",
      description =
          "one: the image itself; flip: the mean of the probabilities of the image and of its"
              + " mirror image, at twice the time (${DEFAULT-VALUE}).")
  private Outputs.Views views;

  @Mixin private DecodeLimitsOptions limits;

  @Option(
      names = "--max-decode-seconds",
      paramLabel = "S",
      defaultValue = "60",
      converter = Converters.PositiveInt.class,
      description =
          "Images that take longer to decode are abandoned and reported (${DEFAULT-VALUE}).")
  private int maxDecodeSeconds;

  @Option(
      names = "--commit-files",
      paramLabel = "N",
      defaultValue = "50000",
      converter = Converters.PositiveInt.class,
      description =
          "Files that are scored and committed together. A killed run loses the work since"
              + " the last commit (${DEFAULT-VALUE}).")
  private int commitFiles;

  @Option(
      names = "--latency",
      negatable = true,
      fallbackValue = "true",
      description =
          "Measure milliseconds per image at batch 8 and 16 for the results table (with several"
              + " models, unless --no-latency is given).")
  private Boolean latency;

  @Option(
      names = "--watch",
      paramLabel = "S",
      converter = Converters.PositiveInt.class,
      description =
          "With --images: look for new files every S seconds, until stopped. A file is"
              + " taken once it is unchanged from one look to the next.")
  private Integer watchSeconds;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the predictions, the throughput and the metrics.")
  private Path out;

  @Mixin private OutputTableOptions outputTable;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description =
          "For ONNX files that Octavo didn't write: a text file with the classes' names,"
              + " one per line, in the order of the logits.")
  private Path classes;

  @Mixin private PreprocessingOptions preprocessing;
  @Mixin private OverwriteOption overwrite;

  @Spec private CommandSpec spec;

  ScoreCommand() {}

  @Override
  public Integer call() throws IOException {
    ScoreSettings settings =
        ScoreSettingsBuilder.builder()
            .models(models)
            .source(source())
            .out(out)
            .ifExists(overwrite.ifExists())
            .batchSize(batchSize)
            .outputs(new Outputs(topK, probabilities, embeddings, minConfidence, views))
            .precision(precision)
            .cpu(strictCpu ? CpuPolicy.STRICT : CpuPolicy.ADAPT)
            .limits(limits.value())
            .decodeTime(Duration.ofSeconds(maxDecodeSeconds))
            .commitFiles(commitFiles)
            .latencyTime(
                (latency != null ? latency : models.size() > 1) ? LATENCY_TIME : Duration.ZERO)
            .table(outputTable.value())
            .onnx(onnx())
            .build();
    if (watchSeconds != null && images == null) {
      throw new OctavoException.Usage("--watch goes with --images: only a folder keeps filling");
    }
    Preflight preflight =
        new Preflight()
            .exists("--images", images)
            .exists("--list", list)
            .exists("--classes", classes);
    for (Path model : models) {
      preflight.classifier(model, settings.onnx());
    }
    if (data != null) {
      preflight.dataset(data);
    }
    // Scores of the same run are gone on with, which takes their settings to tell.
    preflight.target(out, Scores.KIND, IfExists.REPLACE, settings.inputs());
    PrintWriter out = spec.commandLine().getOut();
    if (watchSeconds == null) {
      ScoreSummary.print(
          new Score(OctavoSession.openForNetworks("score"), settings).execute(), out);
      return 0;
    }
    new Watch(OctavoSession.openForNetworks("score"), settings, Duration.ofSeconds(watchSeconds))
        .run(
            result -> ScoreSummary.printAdded(result, out),
            missed -> spec.commandLine().getErr().printf("%s: %s%n", spec.qualifiedName(), missed));
    return 0;
  }

  private Optional<OnnxOptions> onnx() throws IOException {
    OnnxOptions given = new OnnxOptions(Optional.ofNullable(classes), preprocessing.value());
    if (given.equals(OnnxOptions.NONE)) {
      return Optional.empty();
    }
    if (classes != null
        && InputFiles.isSpecial(
            classes.getFileSystem(OctavoSession.hadoopConfiguration()), classes)) {
      throw new OctavoException.Usage(
          "--classes %s is a pipe, and the list is read more than once: write it to a file"
              .formatted(classes));
    }
    if (models.stream().noneMatch(model -> model.getName().endsWith(ONNX))) {
      throw new OctavoException.Usage(
          "--classes and the preprocessing are for a --model that is an ONNX file: bundles have their own");
    }
    return Optional.of(given);
  }

  private InputSource source() {
    Map<String, Object> sources = new LinkedHashMap<>();
    sources.put("--images", images);
    sources.put("--data", data);
    sources.put("--list", list);
    sources.put("--table", table.table());
    List<String> given =
        sources.entrySet().stream()
            .filter(e -> e.getValue() != null)
            .map(Map.Entry::getKey)
            .toList();
    if (given.size() != 1) {
      throw new OctavoException.Usage(
          given.isEmpty()
              ? "there is nothing to score: give --images, --data, --list or --table"
              : "%s exclude each other: give one of them".formatted(String.join(" and ", given)));
    }
    String source = given.get(0);
    requireSource("--split", split, source, "--data");
    requireSource("--format", table.givenFormat(), source, "--table");
    requireSource("--image-column", table.givenImageColumn(), source, "--table");
    requireSource("--label-column", labelColumn, source, "--table");
    requireSource("--path-column", pathColumn, source, "--table", "--list");
    String paths = pathColumn == null ? DatasetSchema.PATH : pathColumn;
    return switch (source) {
      case "--images" -> new InputSource.Folder(images);
      case "--data" -> new InputSource.Split(data, split == null ? DatasetSchema.TEST : split);
      case "--list" -> new InputSource.PathList(list, paths);
      default ->
          new InputSource.Table(
              table.table(),
              table.format(),
              table.imageColumn(),
              paths,
              Optional.ofNullable(labelColumn));
    };
  }

  private static void requireSource(String option, String value, String source, String... sources) {
    if (value != null && !List.of(sources).contains(source)) {
      throw new OctavoException.Usage(
          "%s goes with %s, not with %s".formatted(option, String.join(" and ", sources), source));
    }
  }
}
