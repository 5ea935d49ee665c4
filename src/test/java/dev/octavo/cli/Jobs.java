package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The jobs as tests of other packages run them, in the session that is there. */
public final class Jobs {
  private static final String MASTER = "spark.master";

  private Jobs() {}

  /** Runs a job, which must succeed; returns what it prints. */
  public static String run(SparkSession spark, String... arguments) {
    Outcome outcome = execute(spark, arguments);
    assertThat(outcome.exitCode()).as(outcome.printed()).isZero();
    return outcome.printed();
  }

  /** Runs a job, which must fail; returns what it prints. */
  static String runInVain(SparkSession spark, String... arguments) {
    Outcome outcome = execute(spark, arguments);
    assertThat(outcome.exitCode()).as(outcome.printed()).isNotZero();
    return outcome.printed();
  }

  private record Outcome(int exitCode, String printed) {}

  private static Outcome execute(SparkSession spark, String... arguments) {
    String before = System.getProperty(MASTER);
    System.setProperty(MASTER, spark.sparkContext().master());
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (PrintStream console = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      int exitCode = Octavo.run(console, console, arguments);
      return new Outcome(exitCode, printed.toString(StandardCharsets.UTF_8));
    } finally {
      if (before == null) {
        System.clearProperty(MASTER);
      } else {
        System.setProperty(MASTER, before);
      }
    }
  }

  /** The options of a job, but for those that all jobs have. */
  public static List<OptionSpec> options(String job) {
    return new CommandLine(new Octavo()).getSubcommands().get(job).getCommandSpec().options();
  }
}
