package dev.octavo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.octavo.OctavoException;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ForgedBundle;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.engine.CpuFeatures;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.TestImages;
import dev.octavo.inference.TinyModel;
import dev.octavo.ml.OctavoClassifier;
import dev.octavo.ml.OctavoFunctions;
import dev.octavo.program.TestModels;
import dev.octavo.spark.LocalCluster;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bundles with foreign code and damaged ones, before all that runs bundles: score and bench as
 * commands, the transformer of Spark ML and the function in SQL.
 */
final class UntrustedBundlesTest {
  private static final int IMAGES = 4;
  private static final String FLOAT = "float";
  private static final String INT8 = "int8";

  /** Int8 with two programs, of which CPUs without VNNI run the 7-bit variant. */
  private static final String INT8_FOR_VNNI = "int8-for-vnni";

  @TempDir private static Path shared;
  private static SparkSession spark;

  @TempDir private Path work;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void publishBundles() throws IOException {
    spark = LocalCluster.session();
    System.setProperty("spark.master", "local-cluster"); // score takes the session that is there
    Random random = new Random(7);
    Files.createDirectories(shared.resolve("images/a"));
    for (int i = 0; i < IMAGES; i++) {
      ImageIO.write(
          TestImages.rectangles(70 + 9 * i, 80, BufferedImage.TYPE_INT_RGB, random),
          "png",
          shared.resolve("images/a/%d.png".formatted(i)).toFile());
    }
    CpuFeatures cpu = CpuFeatures.current();
    TinyModel.publish(hadoop(shared.resolve(FLOAT)), List.of("a", "b", "c"), 1);
    TinyModel.publishInt8(hadoop(shared.resolve(INT8)), CpuTarget.of(cpu), 2);
    TinyModel.publishInt8WithVariant(
        hadoop(shared.resolve(INT8_FOR_VNNI)),
        cpu.isX86() ? CpuTarget.VNNI : CpuTarget.PORTABLE,
        3);
  }

  @AfterAll
  static void forgetTheMaster() {
    System.clearProperty("spark.master");
  }

  private static org.apache.hadoop.fs.Path hadoop(Path path) {
    return new org.apache.hadoop.fs.Path(uri(path));
  }

  private static String uri(Path path) {
    return "file:" + path;
  }

  /** A copy of the same name, since rows name their model. */
  private ForgedBundle copy(String bundle) throws IOException {
    return new ForgedBundle(shared.resolve(bundle), work.resolve(bundle));
  }

  @ParameterizedTest
  @CsvSource({FLOAT + ", portable", INT8_FOR_VNNI + ", fp32"})
  void foreignCodeInABundleIsNeverRun(String bundle, String precision) throws IOException {
    Path written = work.resolve("written");
    ForgedBundle forged = copy(bundle);
    forged.addForeignCode(written);
    Path sound = shared.resolve(bundle);
    Path model = forged.file("");

    assertThat(scored(model, precision)).hasSize(IMAGES).isEqualTo(scored(sound, precision));
    assertThat(transformed(model, precision)).isEqualTo(transformed(sound, precision));
    assertThat(selected(model, precision)).isEqualTo(selected(sound, precision));
    assertThat(bench(model, "--precisions", precision)).as(errors()).isZero();
    assertThat(written).doesNotExist();
  }

  @Test
  void asAPlainProgramItRunsWhereItIsTrusted() throws IOException {
    Path written = work.resolve("written");
    for (String bundle : List.of(FLOAT, INT8)) {
      ForgedBundle forged = copy(bundle);
      forged.addForeignCode(written);
      Path program = forged.file(ModelBundle.MODEL_FILE);
      assertThat(bench(program)).isEqualTo(2);
      assertThat(errors())
          .isEqualTo(
              "octavo bench: --model %s: .pt files are programs, which may read and write files as you may: pass --trust-programs if you trust who made it%n"
                  .formatted(uri(program)));
      assertThat(written).doesNotExist();
      try (LoadedProgram loaded = LoadedProgram.load(program, LoadedProgram.Mode.INFERENCE)) {
        assertThat(TestModels.logits(loaded, TestModels.images(1, TinyModel.IMAGE_SIZE, 5)))
            .containsExactly(0, 0, 0);
      }
      Files.delete(written);
    }
  }

  @ParameterizedTest
  @CsvSource({
    INT8 + ", " + ModelBundle.MODEL_FILE,
    INT8 + ", synset.txt",
    INT8_FOR_VNNI + ", " + ModelBundle.VARIANT_FILE
  })
  void aFlippedBitIsRefusedInOneLine(String bundle, String file) throws IOException {
    if (file.equals(ModelBundle.VARIANT_FILE)) {
      assumeThat(
              ModelBundle.open(
                      spark.sparkContext().hadoopConfiguration(), hadoop(shared.resolve(bundle)))
                  .needsVariantOn(CpuFeatures.current()))
          .as("a CPU that runs the variant")
          .isTrue();
    }
    ForgedBundle damaged = copy(bundle);
    damaged.flip(file);
    Path model = damaged.file("");
    String line =
        "%s was altered or damaged since it was published (its SHA-256 is not the one in the manifest): copy the artifact again, or recreate it"
            .formatted(uri(damaged.file(file)));

    assertThat(score(model, "fp32", work.resolve("scores"))).isEqualTo(1);
    assertThat(errors()).isEqualTo("octavo score: %s%n".formatted(line));
    assertThat(bench(model)).isEqualTo(1);
    assertThat(errors()).isEqualTo("octavo bench: %s%n".formatted(line));
    assertThat(Failures.known(catchThrowable(() -> transformed(model, "fp32"))))
        .map(OctavoException::getMessage)
        .hasValue(line);
    assertThat(Failures.known(catchThrowable(() -> selected(model, "fp32"))))
        .map(OctavoException::getMessage)
        .hasValue(line);
    try (var files = Files.list(work)) {
      assertThat(files).containsExactly(model);
    }
  }

  private List<String> scored(Path model, String precision) throws IOException {
    Path out = Files.createTempDirectory(work, "scores").resolve("out");
    assertThat(score(model, precision, out)).as(errors()).isZero();
    return rows(spark.read().parquet(uri(out) + "/predictions"));
  }

  private static List<String> transformed(Path model, String precision) {
    return rows(classifier(model, precision).transform(images()).select("path", "prediction.*"));
  }

  private static List<String> selected(Path model, String precision) {
    OctavoFunctions.register(spark, "untrusted_classify", classifier(model, precision));
    return rows(images().selectExpr("path", "untrusted_classify(content) AS p"));
  }

  /** Sorted here: to sort, Spark would compute the rows twice. */
  private static List<String> rows(Dataset<Row> table) {
    return table.toJSON().collectAsList().stream().sorted().toList();
  }

  private static OctavoClassifier classifier(Path model, String precision) {
    return new OctavoClassifier().setModel(uri(model)).setPrecision(precision);
  }

  private static Dataset<Row> images() {
    return spark.read().format("binaryFile").load(uri(shared.resolve("images/a"))).coalesce(1);
  }

  private int score(Path model, String precision, Path out) {
    return run(
        "score",
        "--model",
        uri(model),
        "--images",
        uri(shared.resolve("images")),
        "--precision",
        precision,
        "--out",
        uri(out));
  }

  private int bench(Path model, String... options) {
    String[] command = {
      "bench", "--model", uri(model), "--batch-sizes", "1", "--seconds", "0.01", "--threads", "1"
    };
    Path out = work.resolve("bench.json");
    return run(
        Stream.of(command, new String[] {"--out", uri(out)}, options)
            .flatMap(Arrays::stream)
            .toArray(String[]::new));
  }

  private int run(String... args) {
    err.reset();
    return Octavo.run(
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        args);
  }

  private String errors() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
