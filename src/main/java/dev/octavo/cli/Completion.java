package dev.octavo.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the completion of the jobs' options and values for bash, and for zsh with its {@code
 * bashcompinit}. The build runs it.
 */
public final class Completion {
  /** Options of spark-submit, which {@code jobs/.octavo} takes, too. */
  static final List<String> SPARK_OPTIONS =
      List.of(
          "--master",
          "--deploy-mode",
          "--conf",
          "--driver-memory",
          "--executor-memory",
          "--executor-cores",
          "--num-executors");

  /** Labels of values that a shell completes as paths. */
  private static final Set<String> FILES = Set.of("DIR", "FILE");

  private static final String SPARK_FILE = "--properties-file";

  private Completion() {}

  /** Writes the file that the only argument names. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]);
    Files.createDirectories(file.getParent());
    Files.writeString(file, script());
  }

  /** The script; a shell completes {@code jobs/train} by what is registered for {@code train}. */
  static String script() {
    return Octavo.configure(new CommandLine(new Octavo())).getSubcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .map(Completion::script)
        .collect(Collectors.joining("\n"));
  }

  private static String script(CommandSpec job) {
    return AutoComplete.bash(job.name(), new CommandLine(completed(job)))
        // Parameters are counted from the word that is the command, which may have a path.
        .replace(
            "currentPositionalIndex \"%s\"".formatted(job.name()),
            "currentPositionalIndex \"${COMP_WORDS[0]}\"");
  }

  /** The same options, typed as picocli's completion understands them. */
  private static CommandSpec completed(CommandSpec job) {
    CommandSpec spec = CommandSpec.create().name(job.name());
    for (OptionSpec option : job.options()) {
      spec.addOption(
          OptionSpec.builder(option.names())
              .arity(option.arity().toString())
              .paramLabel(option.longestName()) // which names a variable of the script
              .type(type(option))
              .completionCandidates(candidates(option))
              .build());
    }
    for (PositionalParamSpec parameter : job.positionalParameters()) {
      spec.addPositional(
          PositionalParamSpec.builder()
              .index(parameter.index().toString())
              .type(type(parameter))
              .completionCandidates(candidates(parameter))
              .build());
    }
    SPARK_OPTIONS.forEach(
        name -> spec.addOption(OptionSpec.builder(name).type(String.class).build()));
    spec.addOption(OptionSpec.builder(SPARK_FILE).type(Path.class).build());
    return spec;
  }

  private static Class<?> type(ArgSpec argument) {
    Class<?> type = argument.auxiliaryTypes()[0];
    boolean file = FILES.contains(argument.paramLabel()) || type == org.apache.hadoop.fs.Path.class;
    boolean flag = argument.arity().max() == 0;
    return flag ? boolean.class : file ? Path.class : String.class;
  }

  private static Iterable<String> candidates(ArgSpec argument) {
    Class<?> type = argument.auxiliaryTypes()[0];
    return type.isEnum() ? new Converters.Constant(type).names() : argument.completionCandidates();
  }
}
