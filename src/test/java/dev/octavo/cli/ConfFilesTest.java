package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.JobPackages;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The files in {@code conf/} say what the commands do. */
final class ConfFilesTest {
  private static Map<String, CommandLine> commands() {
    return new TreeMap<>(Octavo.configure(new CommandLine(new Octavo())).getSubcommands());
  }

  static Stream<String> jobs() {
    return commands().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void everyCommandHasAScriptAndAFileOfDefaults(String job) {
    assertThat(Path.of("jobs", job)).isExecutable();
    assertThat(Path.of("conf", job + ".properties")).isRegularFile();
  }

  /** With the test above and {@code ArchitectureTest}: all that a new job needs. */
  @ParameterizedTest
  @MethodSource("jobs")
  void everyCommandHasAPackageAndIsInTheReadme(String job) throws IOException {
    String itsPackage = JobPackages.of(job);
    assertThat(Path.of("src/main/java/dev/octavo", itsPackage, "package-info.java"))
        .isRegularFile();
    String readme = Files.readString(Path.of("README.md"));
    assertThat(readme).containsPattern("jobs/" + job + "\\b");
    assertThat(readme.substring(readme.indexOf("## The code")).lines().skip(2).findFirst())
        .hasValueSatisfying(
            stages -> assertThat(stages).containsPattern("\\b" + itsPackage + "\\b"));
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void aFileOfDefaultsChangesNothingAsItIsShipped(String job) throws IOException {
    assertThat(load(Files.readString(file(job)))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void whatIsShownThereAsDefaultIsTheDefault(String job) throws IOException {
    // Lines such as '#epochs = 8'; comments in words have a space after the number sign.
    String shown =
        Files.readString(file(job))
            .lines()
            .filter(line -> line.matches("#\\S.*"))
            .map(line -> line.substring(1))
            .collect(Collectors.joining("\n"));
    Properties defaults = load(shown);
    CommandLine command = commands().get(job);
    for (String key : defaults.stringPropertyNames()) {
      OptionSpec option = command.getCommandSpec().findOption("--" + key);
      assertThat(option).as("--%s of %s", key, job).isNotNull();
      String value = option.defaultValue();
      // Options that are computed when absent say their default in words.
      if (value != null) {
        assertThat(defaults.getProperty(key)).as("--%s of %s", key, job).isEqualTo(value);
      } else {
        assertThat(String.join(" ", option.description()))
            .as("--%s of %s", key, job)
            .contains(defaults.getProperty(key));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"train-indoor67", "train-original"})
  void aRecipeSetsOptionsThatTrainTakes(String recipe) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("train", "--data", "data", "--out", "model"));
    load(Files.readString(file(recipe)))
        .forEach((option, value) -> arguments.addAll(List.of("--" + option, (String) value)));
    Octavo.configure(new CommandLine(new Octavo())).parseArgs(arguments.toArray(String[]::new));
  }

  @Test
  void nothingElseIsThere() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("jobs"))) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(f -> !f.startsWith(".")))
          .containsExactlyInAnyOrderElementsOf(commands().keySet());
    }
  }

  private static Path file(String job) {
    return Path.of("conf", job + ".properties");
  }

  private static Properties load(String text) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(text));
    return properties;
  }
}
