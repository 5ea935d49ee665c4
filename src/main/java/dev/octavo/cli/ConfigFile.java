package dev.octavo.cli;

import dev.octavo.Nearest;
import dev.octavo.OctavoException;
import dev.octavo.artifact.LocalFiles;
import dev.octavo.artifact.Paths;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A {@code .properties} file with defaults for the options of one command, on any Hadoop file
 * system.
 *
 * <p>Picocli wants to know defaults before it parses, so the file's name is looked up in the raw
 * arguments.
 */
final class ConfigFile {
  /** Options that say how to run, not what to do. */
  private static final Set<String> NOT_IN_FILES =
      Set.of(CommonOptions.CONFIG, "--stacktrace", "--help", "--version");

  private final String command;
  private final String source;
  private final Properties values;

  private ConfigFile(String command, String source, Properties values) {
    this.command = command;
    this.source = source;
    this.values = values;
  }

  /** The file that {@code args} names for their command, read; empty if they name none. */
  static Optional<ConfigFile> named(String... args) {
    String equals = CommonOptions.CONFIG + "=";
    for (int i = 1; i < args.length; i++) {
      if (args[i].startsWith(equals)) {
        return Optional.of(read(args[0], args[i].substring(equals.length())));
      }
      if (args[i].equals(CommonOptions.CONFIG) && i + 1 < args.length) {
        return Optional.of(read(args[0], args[i + 1]));
      }
    }
    return Optional.empty();
  }

  private static ConfigFile read(String command, String source) {
    Properties values = new Properties();
    try {
      try (InputStream in = open(Paths.of(source));
          Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
        values.load(reader);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new OctavoException.Usage(
          "Can't read the file that %s names, %s: %s"
              .formatted(CommonOptions.CONFIG, source, e.getMessage()));
    }
    return new ConfigFile(command, source, values);
  }

  private static InputStream open(Path file) throws IOException {
    if ("file".equals(file.toUri().getScheme())) {
      // As for the files in conf/, whose defaults --help shows: Hadoop takes a second to start.
      return Files.newInputStream(java.nio.file.Path.of(file.toUri().getPath()));
    }
    return file.getFileSystem(LocalFiles.newConfiguration()).open(file);
  }

  /**
   * Makes the values the defaults of the command's options.
   *
   * @throws OctavoException.Usage if a key is not one of its options
   */
  void applyTo(CommandLine line) {
    CommandLine subcommand = line.getSubcommands().get(command);
    if (subcommand == null) {
      return; // The parser will say so.
    }
    Set<String> known = optionNames(subcommand.getCommandSpec());
    for (String key : values.stringPropertyNames()) {
      if (!known.contains(key)) {
        throw new OctavoException.Usage(
            "Unknown key '%s' in %s%s"
                .formatted(key, source, Nearest.hint(key, known, "'octavo " + command + "'")));
      }
    }
    subcommand.setDefaultValueProvider(
        argument -> argument.isOption() ? values.getProperty(key((OptionSpec) argument)) : null);
  }

  private static Set<String> optionNames(CommandSpec spec) {
    Set<String> names = new TreeSet<>();
    for (OptionSpec option : spec.options()) {
      if (!NOT_IN_FILES.contains(option.longestName())) {
        names.add(key(option));
      }
    }
    return names;
  }

  private static String key(OptionSpec option) {
    return option.longestName().replaceFirst("^-+", "");
  }
}
