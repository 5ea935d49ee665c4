package dev.octavo.cli;

import dev.octavo.report.Report;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code octavo report}. */
@Command(name = "report", description = "Shows what score found as one HTML page.")
public final class ReportCommand implements Callable<Integer> {
  @Option(
      names = "--scores",
      required = true,
      paramLabel = "DIR",
      description = "What score wrote.")
  private Path scores;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The HTML file to write; one that is there is replaced.")
  private Path out;

  @Spec private CommandSpec spec;

  ReportCommand() {}

  @Override
  public Integer call() throws IOException {
    Report.Result result =
        new Report(SparkHadoopUtil.get().newConfiguration(new SparkConf()), scores, out).execute();
    spec.commandLine().getOut().printf("report: %s (%,d bytes)%n", result.out(), result.bytes());
    return 0;
  }
}
