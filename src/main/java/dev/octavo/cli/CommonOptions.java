package dev.octavo.cli;

import picocli.CommandLine.Option;

/**
 * The options that every command has besides {@code --help} and {@code --version}. They are acted
 * on outside of the parse ({@link ConfigFile}, {@link Failures}); here they are declared, for the
 * help.
 */
@SuppressWarnings("UnusedVariable") // Picocli writes the fields; nobody reads them.
final class CommonOptions {
  static final String CONFIG = "--config";

  @Option(
      names = CONFIG,
      paramLabel = "FILE",
      description =
          "Defaults for the options of this command: a .properties file with one"
              + " 'option=value' per line, the option without its dashes. The command line takes"
              + " precedence.")
  private String config;

  @Option(
      names = "--stacktrace",
      description = "Print the stack trace of any failure (also: OCTAVO_STACKTRACE=1).")
  private boolean stackTrace;
}
