package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.octavo.OctavoException;
import dev.octavo.inference.TinyModel;
import dev.octavo.spark.TestProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens before Spark is started. */
final class StartTest {
  @TempDir private Path directory;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private int exitCode;

  @ParameterizedTest
  @CsvSource({"--help", "--version", "--modle", "--top-k=0"})
  void helpAndWrongUsageLoadNoClassOfSpark(String argument) throws Exception {
    Path classes = directory.resolve("classes");
    Path log = directory.resolve("log");
    Process process =
        TestProcess.start(
            Octavo.class,
            java.util.Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=" + classes),
            log,
            "score",
            argument);
    assertThat(process.waitFor()).isEqualTo(argument.matches("--help|--version") ? 0 : 2);
    assertThat(Files.readAllLines(classes))
        .anyMatch(line -> line.contains(" picocli.CommandLine "))
        .noneMatch(line -> line.contains(" org.apache.spark."));
  }

  // No master is set here, so that a command that went on to start Spark would say that.
  @Test
  void scoreLooksAtItsFilesFirst() throws IOException {
    Path bundle = Files.createDirectories(directory.resolve("bundle"));
    assertThat(run("score", "--model", "/nowhere", "--images", path(bundle), "--out", "x"))
        .isEqualTo("octavo score: file:/nowhere does not exist (a model was expected there)\n");
    assertThat(run("score", "--model", path(bundle), "--images", "/nowhere", "--out", "x"))
        .isEqualTo("octavo score: /nowhere does not exist (option --images)\n");
    assertThat(run("score", "--model", path(bundle), "--images", path(bundle), "--out", "x"))
        .isEqualTo(
            "octavo score: file:%s is not a whole Octavo model: it has no manifest.json\n"
                .formatted(bundle));
  }

  @Test
  void scoreLooksAtThePlaceOfItsScoresFirst() throws IOException {
    Path model = directory.resolve("model");
    TinyModel.publish(
        new org.apache.hadoop.fs.Path(model.toUri().toString()), List.of("a", "b"), 5);
    Path images = Files.createDirectories(directory.resolve("images"));
    List<String> score =
        List.of("score", "--model", path(model), "--images", path(images), "--overwrite", "--out");
    assertThat(run(with(score, path(model)))).contains("nothing is written over what is read");
    assertThat(run(with(score, path(images)))).contains("nothing is written over what is read");
    Files.writeString(Files.createDirectory(directory.resolve("full")).resolve("file"), "");
    assertThat(run(with(score, path(directory.resolve("full")))))
        .contains("exists and is not an Octavo artifact");
  }

  private static String[] with(List<String> command, String last) {
    return Stream.concat(command.stream(), Stream.of(last)).toArray(String[]::new);
  }

  @Test
  void ingestLooksAtItsFilesFirst() throws IOException {
    Path images = Files.createDirectories(directory.resolve("images"));
    assertThat(run("ingest", "--images", "/nowhere", "--out", "x"))
        .isEqualTo("octavo ingest: /nowhere does not exist (option --images)\n");
    assertThat(run("ingest", "--images", path(images), "--out", path(images.getParent())))
        .contains("nothing is written over what is read; choose another --out");
    Path other = Files.createDirectories(directory.resolve("other/full")).getParent();
    assertThat(run("ingest", "--images", path(images), "--out", path(other)))
        .contains("exists and is not an Octavo artifact (it has no manifest.json)");
  }

  @Test
  void trainAndQuantizeLookAtTheirFilesFirst() {
    assertThat(run("train", "--data", "/nowhere", "--out", "x"))
        .isEqualTo("octavo train: file:/nowhere does not exist (a dataset was expected there)\n");
    assertThat(run("quantize", "--model", "/nowhere", "--data", "/none", "--out", "x"))
        .isEqualTo("octavo quantize: file:/nowhere does not exist (a model was expected there)\n");
  }

  @ParameterizedTest
  @CsvSource({
    "score --model DIR/modle --images DIR/photos, DIR/model",
    "score --model DIR/model --images DIR/photo, DIR/photos",
    "score --model DIR/model --list DIR/lsit.txt, DIR/list.txt",
    "score --model DIR/model --data DIR/datasets, DIR/dataset",
    "ingest --images DIR/photo/Images, DIR/photos/Images",
    "ingest --images DIR/photos/Image, DIR/photos/Images",
    "ingest --images DIR/photos --train-list DIR/lst.txt --test-list DIR/list.txt, DIR/list.txt",
    "train --data DIR/datset, DIR/dataset",
    "quantize --model DIR/model-int --data DIR/x, DIR/model-int8",
    "quantize --model DIR/model --data DIR/datset, DIR/dataset",
    "report --scores DIR/score, DIR/scores",
    "bench --model DIR/moddel, DIR/model",
    "export --model DIR/moddel --format onnx, DIR/model",
    "import --weights DIR/weight.pth --network resnet18 --data DIR/dataset, DIR/weights.pth",
    "import --weights DIR/weights.pth --network resnet18 --classes DIR/lis.txt, DIR/list.txt",
  })
  void aTypoInAPathNamesWhatIsThere(String command, String meant) throws IOException {
    TinyModel.publish(
        new org.apache.hadoop.fs.Path(directory.resolve("model").toUri()), List.of("a", "b"), 5);
    for (String folder : List.of("photos/Images", "dataset", "scores", "model-int8")) {
      Files.createDirectories(directory.resolve(folder));
    }
    Files.writeString(directory.resolve("list.txt"), "a/1.jpg\n");
    Files.writeString(directory.resolve("weights.pth"), "");
    String[] words = (command + " --out DIR/new").replace("DIR", directory.toString()).split(" ");
    assertThat(run(words))
        .startsWith("octavo " + words[0] + ": ")
        .containsOnlyOnce("\n")
        .contains("does not exist")
        .matches(
            "(?s).*: did you mean '(file:)?%s'\\?\n"
                .formatted(Pattern.quote(meant.replace("DIR", directory.toString()))));
  }

  @ParameterizedTest
  @CsvSource({
    "data, data, .run, logs, --out DIR/data is --data DIR/data",
    "data, data/model, .run, logs, --out DIR/data/model lies within --data DIR/data",
    "a/data, a, .run, logs, --out DIR/a contains --data DIR/a/data",
    "data, model, data, logs, --run-dir DIR/data is --data DIR/data",
    "data, model, data/run, logs, --run-dir DIR/data/run lies within --data DIR/data",
    "a/data, model, a, logs, --run-dir DIR/a contains --data DIR/a/data",
    "data, model, model, logs, --out DIR/model is --run-dir DIR/model",
    "data, run/model, run, logs, --out DIR/run/model lies within --run-dir DIR/run",
    "data, model, model/run, logs, --out DIR/model contains --run-dir DIR/model/run",
    "data, model, .run, model/logs, --out DIR/model contains --tensorboard DIR/model/logs",
  })
  void trainWritesNothingWhereItReadsOrDeletes(
      String data, String out, String run, String logs, String message) {
    List<String> command =
        List.of(
                List.of("train", "--data", path(directory.resolve(data))),
                List.of("--out", path(directory.resolve(out)), "--overwrite"),
                List.of("--run-dir", path(directory.resolve(run))),
                List.of("--tensorboard", path(directory.resolve(logs))))
            .stream()
            .flatMap(List::stream)
            .toList();
    assertThat(run(command.toArray(String[]::new)))
        .startsWith("octavo train: " + message.replace("DIR", "file:" + directory))
        .containsOnlyOnce("\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://u:secret@my_host", "htp://u:secret@host", "http:// u:secret@host"})
  void trainRefusesAnMlflowAddressWithAPasswordAndDoesNotRepeatIt(String address) {
    assertThat(run("train", "--data", "/nowhere", "--out", "x", "--mlflow", address))
        .startsWith("octavo train: the MLflow server's address must not hold credentials")
        .doesNotContain("secret");
    assertThat(exitCode).isEqualTo(2);
  }

  /** Settings know properties, the command line says its options. */
  @ParameterizedTest
  @CsvSource({
    "--warmup-epochs, 5, '5.0, but must be below the number of epochs, 5'",
    "--batch-size, 5000, '5000, but must be from 1 to 4096'",
    "--backbone-lr-factor, 101, '101.0, but must be from 0 to 100'",
    "--momentum, 1, '1.0, but must be at least 0 and below 1'",
  })
  void aWrongSettingIsNamedByItsOption(String option, String value, String message) {
    String[] train = {"train", "--data", "/nowhere", "--out", "x", "--epochs", "5", option, value};
    assertThat(run(train)).isEqualTo("octavo train: %s is %s\n".formatted(option, message));
    assertThat(exitCode).isEqualTo(2);
  }

  @Test
  void readsSparksSettingsAsSparkSubmitDoes() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("spark.conf"), "spark.octavo.a  1 \nspark.octavo.b=2\nother.c 3\n");
    try {
      System.setProperty(SparkDefaults.FILE, file.toString());
      System.setProperty("spark.octavo.b", "given");
      SparkDefaults.load();
      assertThat(System.getProperty("spark.octavo.a")).isEqualTo("1");
      assertThat(System.getProperty("spark.octavo.b")).isEqualTo("given");
      assertThat(System.getProperty("other.c")).isNull();
      System.setProperty(SparkDefaults.FILE, directory.resolve("none").toString());
      Assertions.assertThatThrownBy(SparkDefaults::load)
          .isInstanceOf(OctavoException.Usage.class)
          .hasMessageContaining("Can't read the file of Spark's settings");
    } finally {
      List.of(SparkDefaults.FILE, "spark.octavo.a", "spark.octavo.b")
          .forEach(System::clearProperty);
    }
  }

  private static String path(Path file) {
    return file.toUri().toString();
  }

  private String run(String... args) {
    err.reset();
    PrintStream console = new PrintStream(err, true, StandardCharsets.UTF_8);
    exitCode = Octavo.run(console, console, args);
    assertThat(exitCode).isIn(1, 2);
    return err.toString(StandardCharsets.UTF_8);
  }
}
