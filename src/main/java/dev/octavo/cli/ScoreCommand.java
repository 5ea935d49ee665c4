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
import dev.octavo.score.OutputTable;
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
          "A model bundle, float or int8, or an ONNX file. Given again, each runs over the same images, which are"
              + " decoded once; the first is what the others are compared with.")
  private List<Path> models;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description =
          "Every file in this folder tree is scored, but for hidden ones. Its label is the name of"
              + " its folder, where a model has a class of that name.")
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
          "Instead of --images: a text file with a path on each line, or Parquet with a column of"
              + " paths. Relative ones start where the list lies.")
  private Path list;

  @Option(
      names = "--table",
      paramLabel = "TABLE",
      description =
          "Instead of --images: a table with a column of image files, as a path or as a name that"
              + " Spark's catalog knows.")
  private String table;

  @Option(
      names = "--format",
      paramLabel = "NAME",
      description =
          "With --table: what Spark reads the path as, such as parquet, orc or delta (parquet).")
  private String format;

  @Option(
      names = "--image-column",
      paramLabel = "NAME",
      description = "With --table: the column with the bytes of image files (content).")
  private String imageColumn;

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
          "What float models compute in: fp32, bf16 or portable (${DEFAULT-VALUE}); int8 models"
              + " are always int8.")
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

  @Mixin private DecodeLimitsOptions limits;

  @Option(
      names = "--max-decode-seconds",
      paramLabel = "S",
      defaultValue = "60",
      converter = Converters.PositiveInt.class,
      description =
          "Images that take longer to decode are given up and reported (${DEFAULT-VALUE}).")
  private int maxDecodeSeconds;

  @Option(
      names = "--commit-files",
      paramLabel = "N",
      defaultValue = "50000",
      converter = Converters.PositiveInt.class,
      description =
          "Files that are scored and committed together. A run that is killed loses what it did"
              + " since the last commit (${DEFAULT-VALUE}).")
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
          "With --images: look for new files every S seconds, until told to stop. A file is taken"
              + " once it stayed the same from one look to the next.")
  private Integer watchSeconds;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Where the predictions, the throughput and the metrics appear.")
  private Path out;

  @Option(
      names = "--to-table",
      paramLabel = "TABLE",
      description =
          "Append the predictions to this table, too: a path, or a name in Spark's catalog. Each"
              + " prediction is there once, also after a run that was killed.")
  private String toTable;

  @Option(
      names = "--to-format",
      paramLabel = "NAME",
      description = "With --to-table: parquet, delta or iceberg (parquet).")
  private String toFormat;

  @Option(
      names = "--mode",
      paramLabel = "NAME",
      description =
          "With --to-table: create, which refuses a table that is there, or append (create).")
  private OutputTable.Mode mode;

  @Option(
      names = "--classes",
      paramLabel = "FILE",
      description =
          "For ONNX files that Octavo didn't write: a text file with the classes' names, one a line,"
              + " in the order of the logits.")
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
            .outputs(new Outputs(topK, probabilities, embeddings, minConfidence))
            .precision(precision)
            .cpu(strictCpu ? CpuPolicy.STRICT : CpuPolicy.ADAPT)
            .limits(limits.value())
            .decodeTime(Duration.ofSeconds(maxDecodeSeconds))
            .commitFiles(commitFiles)
            .latencyTime(
                (latency != null ? latency : models.size() > 1) ? LATENCY_TIME : Duration.ZERO)
            .table(outputTable())
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
      ScoreSummary.print(new Score(OctavoSession.open("score"), settings).execute(), out);
      return 0;
    }
    new Watch(OctavoSession.open("score"), settings, Duration.ofSeconds(watchSeconds))
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

  private Optional<OutputTable> outputTable() {
    if (toTable == null) {
      if (toFormat != null || mode != null) {
        throw new OctavoException.Usage(
            "%s goes with --to-table".formatted(mode == null ? "--to-format" : "--mode"));
      }
      return Optional.empty();
    }
    return Optional.of(
        new OutputTable(
            toTable,
            toFormat == null ? "parquet" : toFormat,
            mode == null ? OutputTable.Mode.CREATE : mode));
  }

  private InputSource source() {
    Map<String, Object> sources = new LinkedHashMap<>();
    sources.put("--images", images);
    sources.put("--data", data);
    sources.put("--list", list);
    sources.put("--table", table);
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
    requireSource("--format", format, source, "--table");
    requireSource("--image-column", imageColumn, source, "--table");
    requireSource("--label-column", labelColumn, source, "--table");
    requireSource("--path-column", pathColumn, source, "--table", "--list");
    String paths = pathColumn == null ? DatasetSchema.PATH : pathColumn;
    return switch (source) {
      case "--images" -> new InputSource.Folder(images);
      case "--data" -> new InputSource.Split(data, split == null ? DatasetSchema.TEST : split);
      case "--list" -> new InputSource.PathList(list, paths);
      default ->
          new InputSource.Table(
              table,
              format == null ? "parquet" : format,
              imageColumn == null ? "content" : imageColumn,
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
