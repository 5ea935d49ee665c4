package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Paths;
import dev.octavo.spark.OctavoSession;
import java.io.PrintStream;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The main class: {@code octavo COMMAND OPTIONS}. Its list of subcommands is the list of Octavo's
 * jobs, in the order in which they are run.
 */
@Command(
    name = "octavo",
    description =
        "Fine-tunes an image classifier on a folder of images, quantizes it to int8 with"
            + " calibration on the data, and scores image folders of any size with both, on"
            + " Apache Spark.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      // The jobs, in the order in which they are run.
      FetchCommand.class,
      IngestCommand.class,
      ImportCommand.class,
      TrainCommand.class,
      QuantizeCommand.class,
      ScoreCommand.class,
      ReportCommand.class,
      BenchCommand.class,
      ExportCommand.class,
      DemoCommand.class,
    },
    footer = {"", "'octavo COMMAND --help' lists the options of a command."})
public final class Octavo implements Runnable {
  /** Set by Spark's submission as a system property. */
  private static final String DEPLOY_MODE = "spark.submit.deployMode";

  @Spec private CommandSpec spec;

  Octavo() {}

  /**
   * Runs a command and ends the JVM with its exit code: threads that outlive the session, as the
   * timer of Spark's barriers in a local master, must not keep it. A driver that a cluster runs
   * returns when all went well, since YARN takes {@link System#exit} for a failure.
   */
  public static void main(String[] args) {
    PrintStream err = System.err;
    int exitCode;
    try {
      exitCode = runAndStopSession(args);
    } catch (Throwable failure) { // errors, too
      failure.printStackTrace(err);
      exitCode = 1;
    }
    System.out.flush();
    err.flush();
    boolean returns = exitCode == 0 && "cluster".equals(System.getProperty(DEPLOY_MODE));
    if (!returns) {
      System.exit(exitCode);
    }
  }

  private static int runAndStopSession(String[] args) {
    try {
      int exitCode = run(System.out, System.err, args);
      if (exitCode == 0 && OctavoSession.isOpen()) {
        ClassArchive.writeIfWanted();
      }
      return exitCode;
    } finally {
      // Here, once: the demo runs several commands on one session.
      OctavoSession.stop();
    }
  }

  /** Runs a command in this JVM and returns its exit code; leaves the Spark session as it is. */
  static int run(PrintStream out, PrintStream err, String... args) {
    return execute(configure(new CommandLine(new Octavo())), out, err, args);
  }

  static int execute(CommandLine line, PrintStream out, PrintStream err, String... args) {
    line.setOut(new Console(out));
    line.setErr(new Console(err));
    try {
      SparkDefaults.load();
      ConfigFile.named(args).ifPresent(file -> file.applyTo(line));
    } catch (OctavoException e) {
      return Failures.report(e, line, args);
    }
    try {
      return line.execute(args);
    } catch (FSError | OutOfMemoryError e) { // FSError: of local disks that are full or broken
      return Failures.report(e, called(line), args);
    }
  }

  /** The subcommand that was parsed last, or the whole. */
  private static CommandLine called(CommandLine line) {
    ParseResult parsed = line.getParseResult();
    return parsed != null && parsed.hasSubcommand()
        ? parsed.subcommand().commandSpec().commandLine()
        : line;
  }

  /** Gives a parser, and all commands in it, what every command has. */
  static CommandLine configure(CommandLine line) {
    line.getSubcommands()
        .values()
        .forEach(
            command ->
                command
                    .getCommandSpec()
                    .addMixin("common", CommandSpec.forAnnotatedObject(new CommonOptions())));
    describe(line);
    line.getSubcommands().values().forEach(Octavo::describe);
    line.getSubcommands().values().stream()
        .flatMap(command -> command.getCommandSpec().args().stream())
        .map(argument -> argument.auxiliaryTypes()[0])
        .filter(Class::isEnum)
        .forEach(type -> registerEnum(line, type));
    return line.registerConverter(Path.class, Paths::of)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler(Failures::execution);
  }

  @SuppressWarnings("unchecked") // picocli asks the converter of a type only for values of it
  private static void registerEnum(CommandLine line, Class<?> type) {
    line.registerConverter((Class<Object>) type, new Converters.Constant(type));
  }

  private static void describe(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    spec.mixinStandardHelpOptions(true).versionProvider(new VersionProvider());
    Help.describe(spec);
  }

  /** Called when no command was named. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "A command is missing: one of " + String.join(", ", spec.subcommands().keySet()));
  }
}
