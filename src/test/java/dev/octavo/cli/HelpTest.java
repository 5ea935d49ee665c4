package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The help of every job. */
final class HelpTest {
  static Stream<String> jobs() {
    return ConfFilesTest.jobs();
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void examplesAreRightCommands(String job) {
    assertThat(Help.examples(job)).isNotEmpty();
    for (String example : Help.examples(job)) {
      String[] words = example.split(" ", -1);
      assertThat(words[0]).isEqualTo("jobs/" + job);
      words[0] = job;
      Octavo.configure(new CommandLine(new Octavo())).parseArgs(words);
    }
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void helpHasTheSectionsOfAManualPage(String job) {
    String help = help(job);
    assertThat(help)
        .containsSubsequence(
            "Usage: octavo " + job,
            "Options:",
            "Exit codes:",
            "Examples:",
            "Spark:",
            "Files:",
            "Environment:",
            "More: ");
    String page = help.substring(help.indexOf("More: ") + "More: ".length()).split(";", 2)[0];
    assertThat(Path.of(page)).isRegularFile();
    String joined = help.replaceAll(" \\\\\\R *", " ");
    Help.examples(job).forEach(example -> assertThat(joined.lines()).contains("  " + example));
  }

  private static String help(String job) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream console = new PrintStream(out, true, StandardCharsets.UTF_8);
    assertThat(Octavo.run(console, console, job, "--help")).isZero();
    return out.toString(StandardCharsets.UTF_8);
  }
}
