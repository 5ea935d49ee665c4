package dev.octavo.cli;

import dev.octavo.Nearest;
import dev.octavo.OctavoException;
import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.spark.OctavoSession;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.ipc.RpcException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Tells the user what went wrong: one line for what a user can act on, a stack trace and the root
 * cause for the rest.
 */
final class Failures {
  /**
   * An executor's exception that Spark hands on as text only, as it does for barrier stages. The
   * message may have several lines; the stack trace ends it.
   */
  private static final Pattern REMOTE =
      Pattern.compile(
          "dev\\.octavo\\.OctavoException(?<gate>\\$QualityGate)?(?:\\$Usage|\\$InvalidSetting)?:"
              + " (?<message>.*?)(?:\\R\\s+at |\\z)",
          Pattern.DOTALL);

  /** Spark's message for running jobs when the JVM ends, as after Ctrl-C. */
  private static final String SHUT_DOWN = "cancelled because SparkContext was shut down";

  /** Options that aren't called as the setting is. */
  private static final Map<String, String> OTHER_NAMES =
      Map.of("--backbone-factor", "--backbone-lr-factor");

  private static final Pattern FULL =
      Pattern.compile("No space left on device|Disk quota exceeded");

  /**
   * Memory that ran out: of a JVM, of libtorch, or of an executor that was ended for it, by the
   * system (137 is SIGKILL), by itself (52) or by YARN or Kubernetes.
   */
  private static final Pattern MEMORY =
      Pattern.compile(
          "OutOfMemoryError: (?<jvm>[^\\n]+)"
              + "|(?<torch>DefaultCPUAllocator: [^\\n.]*|not enough memory: [^\\n.]*)"
              + "|ExecutorLostFailure [^\\n]*?(?<killed>exited with code (?:137|52)\\b"
              + "|exit (?:code|status): (?:137|52)\\b|OOMKilled"
              + "|Container killed by YARN for exceeding [a-z ]*memory limits)");

  /** Hadoop's and Parquet's words for a file that isn't what was written. */
  private static final Pattern DAMAGED =
      Pattern.compile(
          "Checksum error: (?<sum>\\S+)|(?<footer>\\S+) is not a Parquet file|Could not read footer"
              + " for file: (?:FileStatus\\{path=)?(?<file>[^\\s;]+)|reading file (?<page>\\S+)\\."
              + "\\s+(?:Details|SQLSTATE):(?s:.*?)Caused by: org\\.apache\\.parquet\\.");

  /**
   * The words of Spark, of Hadoop's local file system, of HDFS and of S3A for a file that is gone.
   */
  private static final Pattern GONE =
      Pattern.compile(
          "File (?<local>\\S+) does not exist|File does not exist: (?<hdfs>\\S+)"
              + "|No such file or directory: (?<s3>\\S+)");

  /** The end of Hadoop's messages. */
  private static final Pattern FOR_DETAILS = Pattern.compile("; For more details see:.*");

  private Failures() {}

  /** Wrong usage, as picocli found it. */
  static int usage(ParameterException failure, String[] args) {
    CommandLine line = failure.getCommandLine();
    // Of a mistyped required option picocli says first that it is missing.
    List<String> unknown =
        failure instanceof UnmatchedArgumentException unmatched
            ? unmatched.getUnmatched()
            : line.getUnmatchedArguments();
    String message =
        unknown.isEmpty() ? failure.getMessage() : unknown(unknown.get(0).split("=", 2)[0], line);
    print(line.getErr(), line, message);
    line.getErr().printf("'%s --help' lists the options.%n", line.getCommandSpec().qualifiedName());
    if (wantsStackTrace(args)) {
      failure.printStackTrace(line.getErr());
    }
    return new OctavoException.Usage("").exitCode();
  }

  private static String unknown(String name, CommandLine line) {
    String where = "'" + line.getCommandSpec().qualifiedName() + "'";
    if (name.startsWith("-")) {
      var known = new TreeSet<>(line.getCommandSpec().optionsMap().keySet());
      return "Unknown option '%s'%s".formatted(name, Nearest.hint(name, known, where));
    }
    var commands = line.getSubcommands().keySet();
    return commands.isEmpty()
        ? "Unexpected argument '%s': options start with '--'".formatted(name)
        : "Unknown command '%s'%s".formatted(name, Nearest.hint(name, commands, where));
  }

  /** A command's exception, as picocli hands it on. */
  static int execution(Exception failure, CommandLine line, ParseResult result) {
    return report(failure, line, result.originalArgs().toArray(String[]::new));
  }

  static int report(Throwable failure, CommandLine line, String... args) {
    OctavoSession.endTasks(); // so that nothing follows the line that says why
    PrintWriter err = line.getErr();
    Optional<OctavoException> known = known(failure);
    if (known.isPresent()) {
      if (wantsStackTrace(args)) {
        failure.printStackTrace(err);
      }
      print(err, line, message(known.get(), line));
      return known.get().exitCode();
    }
    Throwable root = rootCause(failure);
    String message = String.valueOf(root.getMessage());
    if (message.contains(SHUT_DOWN) || isEnding()) {
      print(err, line, "was stopped before it was done");
      return 1;
    }
    failure.printStackTrace(err);
    print(err, line, "failed unexpectedly: " + root.getClass().getName() + ": " + firstLine(root));
    return 1;
  }

  /** The message, with the option's name where a setting is wrong. */
  private static String message(OctavoException failure, CommandLine line) {
    if (!(failure instanceof InvalidSetting wrong)) {
      return failure.getMessage();
    }
    String option = "--" + wrong.property().replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    option = OTHER_NAMES.getOrDefault(option, option);
    boolean known = line.getCommandSpec().optionsMap().containsKey(option);
    return wrong.message(known ? option : wrong.property());
  }

  /** Returns whether the JVM was told to end: it takes no hooks then. */
  private static boolean isEnding() {
    Thread hook = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      return !Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private static void print(PrintWriter err, CommandLine line, String message) {
    String one = message.strip().replaceAll("\\R\\s*", " ");
    err.printf("%s: %s%n", line.getCommandSpec().qualifiedName(), one);
    err.flush();
  }

  /** The failure that a user can act on, thrown here or on an executor. */
  static Optional<OctavoException> known(Throwable failure) {
    for (Throwable t : causes(failure)) {
      if (t instanceof OctavoException known) {
        return Optional.of(known);
      }
    }
    for (Throwable t : causes(failure)) {
      Matcher remote = REMOTE.matcher(String.valueOf(t.getMessage()));
      if (remote.find()) {
        String message = remote.group("message").strip();
        return Optional.of(
            remote.group("gate") == null
                ? new OctavoException(message, failure)
                : new OctavoException.QualityGate(message));
      }
    }
    return outside(failure);
  }

  /** A failure of what is around: a full disk, a damaged file, a host that can't be reached. */
  private static Optional<OctavoException> outside(Throwable failure) {
    Optional<String> full = find(failure, FULL).map(Matcher::group);
    if (full.isPresent()) {
      return Optional.of(
          new OctavoException(
              "there is no space left on a disk (%s): free some where --out is, and where Spark keeps its temporary files (spark.local.dir), and run the same command again"
                  .formatted(full.get()),
              failure));
    }
    Optional<String> memory = memory(failure);
    if (memory.isPresent()) {
      return Optional.of(
          new OctavoException(
              "there is not enough memory (%s): give more with --driver-memory to a job on this machine, with --executor-memory or spark.executor.memoryOverhead to executors, or ask for less with a smaller --batch-size or fewer cores (--master 'local[1]', --executor-cores)"
                  .formatted(memory.get()),
              failure));
    }
    Optional<String> damaged =
        Optional.of(DAMAGED.matcher(stackTrace(failure))) // which names causes of Parquet's
            .filter(Matcher::find)
            .map(m -> group(m, "sum", "footer", "file", "page"));
    if (damaged.isPresent()) {
      return Optional.of(
          new OctavoException(
              "%s is damaged: copy the artifact that it belongs to again, or recreate it"
                  .formatted(damaged.get()),
              failure));
    }
    Optional<String> gone = find(failure, GONE).map(m -> group(m, "local", "hdfs", "s3"));
    if (gone.isPresent()) {
      return Optional.of(
          new OctavoException(
              "%s was removed or replaced while it was read: run the same command again when nothing changes it"
                  .formatted(gone.get()),
              failure));
    }
    for (Throwable t : causes(failure)) {
      if (t instanceof SocketException
          || t instanceof SocketTimeoutException
          || t instanceof UnknownHostException
          || t instanceof RpcException) { // something else listens there
        return Optional.of(
            new OctavoException(
                "a host can't be reached (%s): check its name and whether it runs; paths without a scheme are those of fs.defaultFS, so write file:/// before local ones"
                    .formatted(FOR_DETAILS.matcher(firstLine(t)).replaceFirst("")),
                failure));
      }
    }
    return Optional.empty();
  }

  /** The message on memory that ran out; empty if none did. */
  private static Optional<String> memory(Throwable failure) {
    for (Throwable t : causes(failure)) {
      if (t instanceof OutOfMemoryError) {
        return Optional.of(firstLine(t));
      }
    }
    return find(failure, MEMORY).map(m -> group(m, "jvm", "torch", "killed"));
  }

  private static String stackTrace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  /** The first match in the message of a failure or its causes. */
  private static Optional<Matcher> find(Throwable failure, Pattern pattern) {
    return causes(failure).stream()
        .map(cause -> pattern.matcher(String.valueOf(cause.getMessage())))
        .filter(Matcher::find)
        .findFirst();
  }

  /** The text of that one of the groups which matched. */
  private static String group(Matcher matcher, String... names) {
    return Stream.of(names).map(matcher::group).filter(Objects::nonNull).findFirst().orElseThrow();
  }

  private static Throwable rootCause(Throwable failure) {
    List<Throwable> causes = causes(failure);
    return causes.get(causes.size() - 1);
  }

  private static List<Throwable> causes(Throwable failure) {
    // Bounded, since a chain of causes may be a circle.
    return Stream.iterate(failure, t -> t != null, Throwable::getCause).limit(50).toList();
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
  }

  private static boolean wantsStackTrace(String... args) {
    return Arrays.asList(args).contains("--stacktrace")
        || "1".equals(System.getenv("OCTAVO_STACKTRACE"));
  }
}
