package dev.octavo.cli;

import dev.octavo.report.Report;
import dev.octavo.report.ReportSettings;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo report}. */
@Command(name = "report", description = "Shows the results of score as one HTML page.")
public final class ReportCommand implements Callable<Integer> {
  @Option(
      names = "--scores",
      required = true,
      paramLabel = "DIR",
      description =
          "A directory that score wrote. Given several times, the page is about the first"
              + " and compares the others with it: later runs, other machines, other models.")
  private List<Path> scores;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The HTML file to write; an existing one is replaced.")
  private Path out;

  @Option(
      names = "--val-scores",
      paramLabel = "DIR",
      description =
          "Scores of other labelled images by the same models, such as the val split, made with"
              + " --probabilities: a temperature is fitted on them.")
  private Path valScores;

  @Option(
      names = "--reference",
      paramLabel = "DIR",
      description =
          "Reference for data drift: scores of images like those the model was trained for,"
              + " such as the test split, by the same model. Best if both were made with"
              + " --embeddings.")
  private Path reference;

  @Option(names = "--no-images", description = "Leave images out of the page.")
  private boolean noImages;

  @Option(
      names = "--price-per-core-hour",
      paramLabel = "X",
      converter = Converters.PositiveDouble.class,
      description = "Price of an hour of one core, for the cost of a million images.")
  private Double pricePerCoreHour;

  @Spec private CommandSpec spec;

  ReportCommand() {}

  @Override
  public Integer call() throws IOException {
    ReportSettings settings =
        new ReportSettings(
            scores,
            out,
            Optional.ofNullable(valScores),
            Optional.ofNullable(reference),
            noImages ? ReportSettings.Images.LEFT_OUT : ReportSettings.Images.EMBEDDED,
            pricePerCoreHour == null
                ? OptionalDouble.empty()
                : OptionalDouble.of(pricePerCoreHour));
    Report.Result result =
        new Report(SparkHadoopUtil.get().newConfiguration(new SparkConf()), settings).execute();
    spec.commandLine().getOut().printf("report: %s (%,d bytes)%n", result.out(), result.bytes());
    return 0;
  }
}
