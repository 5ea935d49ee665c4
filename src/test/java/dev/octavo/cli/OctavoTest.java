package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.OctavoException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

final class OctavoTest {
  @TempDir private Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Probe probe = new Probe();

  @Command(name = "probe", description = "Stands for any command.")
  private static final class Probe implements Callable<Integer> {
    @Option(names = "--out", required = true)
    private org.apache.hadoop.fs.Path target;

    @Option(
        names = "--epochs",
        converter = Converters.PositiveInt.class,
        defaultValue = "3",
        description = "Passes over the training split (${DEFAULT-VALUE}).")
    private int epochs;

    @Option(names = "--val-fraction", converter = Converters.Fraction.class)
    private double valFraction;

    @Mixin private OverwriteOption overwrite;

    private OctavoException failure;

    @Override
    public Integer call() {
      if (failure != null) {
        throw failure;
      }
      return 0;
    }
  }

  @Test
  void endsWithZeroWhenTheCommandIsDone() {
    assertThat(run("probe", "--out", "hdfs://host/a b", "--val-fraction", "0.1")).isZero();
    assertThat(probe.target).hasToString("hdfs://host/a b");
    assertThat(probe.valFraction).isEqualTo(0.1);
    assertThat(errors()).isEmpty();
  }

  @Test
  void helpNamesTheOptionsTheirDefaultsAndTheExitCodes() {
    assertThat(run("probe", "--help")).isZero();
    assertThat(output())
        .contains("--out", "--overwrite", "--config=FILE", "--stacktrace", "--version")
        .contains("Passes over the training split (3).")
        .contains("Exit codes:", "0   done", "1   failed", "2   wrong usage", "3   a quality gate");
  }

  @Test
  void helpOfTheWholeListsTheCommands() {
    assertThat(run("--help")).isZero();
    assertThat(output()).containsPattern("probe +Stands for any command\\.");
  }

  @Test
  void versionNamesSparkAndJava() {
    assertThat(run("--version")).isZero();
    assertThat(output())
        .matches("Octavo \\S+ \\(Spark (3\\.5|4\\.2)\\.\\d+, Java (17|21|25)\\b.*\\R")
        .contains(org.apache.spark.package$.MODULE$.SPARK_VERSION(), Runtime.version().toString());
  }

  @Test
  void suggestsTheNearestOption() {
    assertThat(run("probe", "--out", "x", "--epoch", "3")).isEqualTo(2);
    assertThat(errors())
        .isEqualTo(
            """
            octavo probe: Unknown option '--epoch': did you mean '--epochs'?
            'octavo probe --help' lists the options.
            """);
  }

  @Test
  void suggestsTheNearestOptionAlsoForOneThatIsRequired() {
    assertThat(run("probe", "--ot", "x")).isEqualTo(2);
    assertThat(errors()).startsWith("octavo probe: Unknown option '--ot': did you mean '--out'?");
  }

  @Test
  void suggestsTheNearestCommand() {
    assertThat(run("porbe")).isEqualTo(2);
    assertThat(errors()).startsWith("octavo: Unknown command 'porbe': did you mean 'probe'?");
  }

  @Test
  void listsWhatThereIsWhenNothingIsNear() {
    assertThat(run("xyzzyxyzzy")).isEqualTo(2);
    assertThat(errors()).contains("'octavo' knows", "probe");
  }

  @Test
  void saysThatACommandIsMissing() {
    assertThat(run()).isEqualTo(2);
    assertThat(errors()).startsWith("octavo: A command is missing: one of ").contains("probe");
  }

  @Test
  void saysThatAnOptionIsMissing() {
    assertThat(run("probe")).isEqualTo(2);
    assertThat(errors()).startsWith("octavo probe: Missing required option: '--out");
  }

  @Test
  void saysWhatANumberMustBe() {
    assertThat(run("probe", "--out", "x", "--epochs", "0")).isEqualTo(2);
    assertThat(errors()).contains("'--epochs'", "'0' is not a whole number from 1 to 2147483647");
  }

  @Test
  void saysWhatAFractionMustBe() {
    assertThat(run("probe", "--out", "x", "--val-fraction", "NaN")).isEqualTo(2);
    assertThat(errors()).contains("'--val-fraction'", "'NaN' is not a number from 0 to 1");
  }

  @Test
  void printsAFailureThatTheUserCanActOnAsOneLine() {
    probe.failure = new OctavoException("x exists already: pass --overwrite");
    assertThat(run("probe", "--out", "x")).isEqualTo(1);
    assertThat(errors()).isEqualTo("octavo probe: x exists already: pass --overwrite\n");
  }

  @Test
  void printsItsStackTraceOnRequest() {
    probe.failure = new OctavoException("x exists already");
    assertThat(run("probe", "--out", "x", "--stacktrace")).isEqualTo(1);
    assertThat(errors()).contains("\tat dev.octavo.cli.OctavoTest");
  }

  @Test
  void endsWithTheExitCodeOfTheFailure() {
    probe.failure = new OctavoException.QualityGate("top-1 fell by 3 points, 0.5 are allowed");
    assertThat(run("probe", "--out", "x")).isEqualTo(3);
    probe.failure = new OctavoException.Usage("--split must add up to 1");
    assertThat(run("probe", "--out", "x")).isEqualTo(2);
  }

  @Test
  void takesDefaultsFromAConfigFile() throws IOException {
    Path file = config("out = y\nepochs = 7\noverwrite = true\n");
    assertThat(run("probe", "--config", file.toUri().toString())).isZero();
    assertThat(probe.epochs).isEqualTo(7);
    assertThat(probe.target).hasToString("y");
    assertThat(probe.overwrite.ifExists()).hasToString("REPLACE");
  }

  @Test
  void prefersTheCommandLineToTheConfigFile() throws IOException {
    Path file = config("epochs = 7\n");
    assertThat(run("probe", "--out", "x", "--epochs", "2", "--config=" + file)).isZero();
    assertThat(probe.epochs).isEqualTo(2);
  }

  @Test
  void refusesAnUnknownKeyInAConfigFile() throws IOException {
    Path file = config("epoch = 7\n");
    assertThat(run("probe", "--out", "x", "--config", file.toString())).isEqualTo(2);
    assertThat(errors())
        .isEqualTo("octavo: Unknown key 'epoch' in %s: did you mean 'epochs'?\n".formatted(file));
  }

  @Test
  void refusesABadValueInAConfigFile() throws IOException {
    Path file = config("epochs = many\n");
    assertThat(run("probe", "--out", "x", "--config", file.toString())).isEqualTo(2);
    assertThat(errors()).contains("'--epochs'", "'many' is not a whole number");
  }

  @Test
  void refusesAConfigFileThatIsNotThere() {
    Path file = directory.resolve("none.properties");
    assertThat(run("probe", "--out", "x", "--config", file.toString())).isEqualTo(2);
    assertThat(errors()).contains("--config", file.toString());
  }

  private Path config(String text) throws IOException {
    return Files.writeString(directory.resolve("probe.properties"), text);
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  private int run(String... args) {
    return Octavo.execute(
        Octavo.configure(new CommandLine(new Octavo()).addSubcommand(probe)),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }
}
