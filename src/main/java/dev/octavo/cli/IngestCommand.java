package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Paths;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.dataset.DatasetManifest;
import dev.octavo.dataset.DatasetSchema;
import dev.octavo.dataset.SplitFractions;
import dev.octavo.ingest.Ingest;
import dev.octavo.ingest.IngestResult;
import dev.octavo.ingest.IngestSettings;
import dev.octavo.ingest.TableIngest;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo ingest}. */
@Command(
    name = "ingest",
    description = "Turns a folder or a table of labelled images into a dataset.")
public final class IngestCommand implements Callable<Integer> {
  private static final double DEFAULT_VAL_FRACTION = 0.1;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Folder with one folder of images per class.")
  private Path images;

  @Mixin private TableOptions table;

  @Option(
      names = "--label-column",
      paramLabel = "NAME",
      description =
          "With --table: the column with the class, a string or a number; where it is null the"
              + " image goes to the split 'extra' (label).")
  private String labelColumn;

  @Option(
      names = "--path-column",
      paramLabel = "NAME",
      description =
          "With --table: the column that names each row. Without it rows are named after"
              + " class and SHA-256.")
  private String pathColumn;

  @Option(
      names = "--split-column",
      paramLabel = "NAME",
      description =
          "With --table: the column that says train, val, test or extra. Without it: --split.")
  private String splitColumn;

  @Option(
      names = "--train-list",
      paramLabel = "FILE",
      description =
          "Images to train on, one 'class/file' per line; with --test-list. Val is carved out"
              + " of them; images in no list become the split 'extra'.")
  private Path trainList;

  @Option(
      names = "--test-list",
      paramLabel = "FILE",
      description = "Images to test on; with --train-list.")
  private Path testList;

  @Option(
      names = "--split",
      paramLabel = "TRAIN,VAL,TEST",
      description =
          "With a folder per class, or a table: the fraction of each class that goes to each split"
              + " (0.7,0.1,0.2).")
  private String split;

  @Option(
      names = "--layout",
      paramLabel = "NAME",
      defaultValue = "auto",
      description =
          "Without lists: classes (CLASS/FILE), splits (train/CLASS/FILE, test/CLASS/FILE,"
              + " val/CLASS/FILE), or auto, by the look of the folder (${DEFAULT-VALUE}).")
  private IngestSettings.Layout layout;

  @Option(
      names = "--val-fraction",
      paramLabel = "F",
      converter = Converters.Fraction.class,
      description =
          "With lists, or folders or columns of splits without val: the fraction of each class of train that"
              + " becomes val (0.1).")
  private Double valFraction;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "17",
      description = "Seed of the random choices (${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private DecodeLimitsOptions limits;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the new dataset.")
  private Path out;

  @Mixin private OverwriteOption overwrite;

  @Spec private CommandSpec spec;

  IngestCommand() {}

  @Override
  public Integer call() throws IOException {
    if ((images == null) == (table.table() == null)) {
      throw new OctavoException.Usage(
          images == null
              ? "there is nothing to ingest: give --images or --table"
              : "--images and --table exclude each other: give one of them");
    }
    return images != null ? ofFolder() : ofTable();
  }

  private int ofTable() throws IOException {
    refuse("--table", "--train-list", trainList);
    refuse("--table", "--test-list", testList);
    refuse("--table", "--layout", layout == IngestSettings.Layout.AUTO ? null : layout);
    if (splitColumn != null) {
      refuse("--split-column", "--split", split);
    } else {
      refuse("--split", "--val-fraction", valFraction);
    }
    DatasetManifest.Table columns =
        new DatasetManifest.Table(
            table.format(),
            table.imageColumn(),
            labelColumn == null ? DatasetSchema.LABEL : labelColumn,
            Optional.ofNullable(pathColumn),
            Optional.ofNullable(splitColumn));
    IngestSettings settings =
        new IngestSettings(
            Paths.of(table.table()),
            new IngestSettings.ByTable(
                columns,
                Optional.ofNullable(split).map(SplitFractions::parse),
                valFraction == null ? DEFAULT_VAL_FRACTION : valFraction,
                List.of()),
            seed,
            limits.value(),
            out,
            overwrite.ifExists());
    new Preflight().target(out, DatasetArtifact.KIND, overwrite.ifExists(), settings.inputs());
    SparkSession session = OctavoSession.open("ingest");
    print(
        new TableIngest(session, LabelledTable.read(session, table.table(), columns), settings)
            .execute(),
        spec.commandLine().getOut());
    return 0;
  }

  private static void refuse(String option, String other, Object value) {
    if (value != null) {
      throw new OctavoException.Usage(
          "%s and %s exclude each other: give one of them".formatted(other, option));
    }
  }

  private int ofFolder() throws IOException {
    refuse("--images", "--format", table.givenFormat());
    refuse("--images", "--image-column", table.givenImageColumn());
    refuse("--images", "--label-column", labelColumn);
    refuse("--images", "--path-column", pathColumn);
    refuse("--images", "--split-column", splitColumn);
    IngestSettings settings =
        new IngestSettings(images, splitting(), seed, limits.value(), out, overwrite.ifExists());
    new Preflight()
        .exists("--images", images)
        .exists("--train-list", trainList)
        .exists("--test-list", testList)
        .target(out, DatasetArtifact.KIND, overwrite.ifExists(), settings.inputs());
    SparkSession session = OctavoSession.open("ingest");
    print(new Ingest(session, settings).execute(), spec.commandLine().getOut());
    return 0;
  }

  private IngestSettings.Splitting splitting() {
    if ((trainList == null) != (testList == null)) {
      throw new OctavoException.Usage(
          "%s is given without %s: give both lists, or --split"
              .formatted(
                  trainList == null ? "--test-list" : "--train-list",
                  trainList == null ? "--train-list" : "--test-list"));
    }
    double val = valFraction == null ? DEFAULT_VAL_FRACTION : valFraction;
    if (trainList == null) {
      if (valFraction != null && split != null) {
        throw new OctavoException.Usage(
            "--val-fraction and --split exclude each other: the second number of --split is val");
      }
      return new IngestSettings.ByFolders(
          Optional.ofNullable(split).map(SplitFractions::parse), layout, val);
    }
    if (layout != IngestSettings.Layout.AUTO) {
      throw new OctavoException.Usage("--layout and lists exclude each other: give one of them");
    }
    if (split != null) {
      throw new OctavoException.Usage("--split and lists exclude each other: give one of them");
    }
    return new IngestSettings.ByLists(trainList, testList, val);
  }

  private static void print(IngestResult result, PrintWriter out) {
    result.notes().forEach(out::println);
    String splits =
        result.rowsPerSplit().entrySet().stream()
            .map(split -> "%s %,d".formatted(split.getKey(), split.getValue()))
            .collect(Collectors.joining(", "));
    out.printf(
        "%,d files seen: %,d images of %,d classes (%s), %,d quarantined%n",
        result.filesSeen(), result.rows(), result.classes(), splits, result.quarantined());
    result
        .quarantinedPerReason()
        .forEach((reason, count) -> out.printf("  %-16s %,d%n", reason, count));
    if (result.quarantined() > 0) {
      out.printf("  listed in %s%n", new Path(result.dataset(), DatasetArtifact.QUARANTINE));
    }
    result
        .skipped()
        .forEach((reason, count) -> out.printf("skipped: %,d %s%n", count, reason.text()));
    result.renamed().forEach(name -> out.printf("found under another name: %s%n", name));
    if (result.duplicates().acrossSplits() > 0) {
      out.printf("%,d images are in more than one split:%n", result.duplicates().acrossSplits());
      result.duplicates().examples().forEach(example -> out.printf("  %s%n", example));
    }
    out.printf("dataset: %s%n", result.dataset());
  }
}
