package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.Manifest;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Preprocess;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.image.codec.UndecodableImageException;
import dev.octavo.inference.Example;
import dev.octavo.inference.InferencePlan;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.TinyModel;
import dev.octavo.metrics.TopK;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource;
import dev.octavo.results.ResultsTable;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.Scores;
import dev.octavo.results.ThroughputRow;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage on two executor JVMs. */
class ScoreTest {
  private static final List<String> CLASSES = List.of("bar", "child's room", "gym");
  private static final int IMAGES_PER_CLASS = 9;

  /** Images in the folder tree: those of the classes, and one in a folder that is no class. */
  private static final int IMAGES = 3 * IMAGES_PER_CLASS + 1;

  /** Files that are no images: one cut off, one text, one empty. */
  private static final int BROKEN = 3;

  private static final Configuration CONF = new Configuration();

  @TempDir static Path work;
  private static Path images;
  private static org.apache.hadoop.fs.Path modelA;
  private static org.apache.hadoop.fs.Path modelB;
  private static ScoreResult result;
  private static List<Row> predictions;

  @BeforeAll
  static void scoreAFolderWithTwoModels() throws IOException {
    images = work.resolve("images");
    Random random = new Random(5);
    for (String name : CLASSES) {
      Path folder = Files.createDirectories(images.resolve(name));
      for (int i = 0; i < IMAGES_PER_CLASS; i++) {
        int width = 40 + random.nextInt(200);
        int height = 40 + random.nextInt(200);
        Images.write(folder.resolve("photo %d, 100%%.jpg".formatted(i)), width, height, random);
      }
    }
    Path other = Files.createDirectories(images.resolve("not a class/deeper"));
    Images.write(other.resolve("where.png"), 90, 70, random);
    byte[] whole = Files.readAllBytes(images.resolve("bar/photo 0, 100%.jpg"));
    Files.write(images.resolve("bar/cut.jpg"), Arrays.copyOf(whole, 40));
    Files.writeString(images.resolve("gym/notes.jpg"), "not an image");
    Files.createFile(images.resolve("gym/empty.jpg"));
    modelA = TinyModel.publish(hadoop("a/model"), CLASSES, 1);
    modelB = TinyModel.publish(hadoop("b/model"), CLASSES, 2);
    result =
        new Score(LocalCluster.session(), settings("scores", List.of(modelA, modelB))).execute();
    predictions =
        LocalCluster.session()
            .read()
            .schema(PredictionRows.SCHEMA)
            .parquet(new org.apache.hadoop.fs.Path(result.out(), Scores.PREDICTIONS).toString())
            .collectAsList();
  }

  private static org.apache.hadoop.fs.Path hadoop(String name) {
    return new org.apache.hadoop.fs.Path("file:" + work.resolve(name));
  }

  private static ScoreSettings settings(String out, List<org.apache.hadoop.fs.Path> models) {
    return ScoreSettingsBuilder.builder()
        .models(models)
        .source(new InputSource.Folder(hadoop("images")))
        .out(hadoop(out))
        .ifExists(IfExists.FAIL)
        .batchSize(4)
        .outputs(Outputs.top(2))
        .precision(Precision.FP32)
        .cpu(CpuPolicy.ADAPT)
        .limits(DecodeLimits.DEFAULT)
        .decodeTime(InferencePlan.DECODE_TIME)
        .commitFiles(1000)
        .latencyTime(Duration.ofMillis(100))
        .table(Optional.empty())
        .onnx(Optional.empty())
        .build();
  }

  private static List<Row> predictions() {
    return predictions;
  }

  private static String text(Row row, String column) {
    return row.getAs(column);
  }

  @Test
  void everyInputIsExactlyOneRowPerModel() throws IOException {
    List<String> files;
    try (var walk = Files.walk(images)) {
      files =
          walk.filter(Files::isRegularFile)
              .map(f -> images.relativize(f).toString())
              .sorted()
              .toList();
    }
    assertThat(files).hasSize(IMAGES + BROKEN);
    Map<String, List<String>> byModel =
        predictions().stream()
            .collect(
                Collectors.groupingBy(
                    r -> text(r, "model"),
                    Collectors.mapping(
                        r -> text(r, "path"),
                        Collectors.collectingAndThen(
                            Collectors.toList(), l -> l.stream().sorted().toList()))));
    assertThat(byModel).isEqualTo(Map.of("a/model", files, "b/model", files));
  }

  @Test
  void aBrokenFileIsARowWithItsReason() {
    Map<String, String> errors =
        predictions().stream()
            .filter(r -> text(r, "model").equals("a/model") && text(r, "error") != null)
            .collect(Collectors.toMap(r -> text(r, "path"), r -> text(r, "error")));
    assertThat(errors).containsOnlyKeys("bar/cut.jpg", "gym/notes.jpg", "gym/empty.jpg");
    assertThat(errors.get("gym/notes.jpg")).startsWith("not-an-image: ");
    assertThat(errors.get("gym/empty.jpg")).startsWith("empty: ");
    assertThat(errors.get("bar/cut.jpg")).isNotBlank();
  }

  @Test
  void predictsWhatASerialLoopPredicts() throws IOException {
    for (org.apache.hadoop.fs.Path model : List.of(modelA, modelB)) {
      ModelBundle bundle = ModelBundle.open(CONF, model);
      String name = model.getParent().getName() + "/model";
      try (InferenceProgram program =
          new ProgramLoader(bundle, CONF, CpuPolicy.ADAPT).load(Precision.FP32)) {
        for (Row row : predictions()) {
          if (text(row, "model").equals(name) && text(row, "error") == null) {
            float[] expected = probabilities(program, images.resolve(text(row, "path")));
            int best = TopK.indices(expected, 1)[0];
            assertThat(text(row, "label")).isEqualTo(CLASSES.get(best));
            assertThat(row.<Integer>getAs("label_id")).isEqualTo(best);
            // Another batch size and another number of threads sum in another order.
            assertThat(row.<Float>getAs("probability")).isCloseTo(expected[best], within(1e-4f));
          }
        }
      }
    }
  }

  private static float[] probabilities(InferenceProgram program, Path file) throws IOException {
    int size = TinyModel.IMAGE_SIZE;
    ByteBuffer pixels = ByteBuffer.allocateDirect(size * size * 3);
    try {
      Preprocess.evaluation(Preprocessing.ofSize(size))
          .apply(ImageDecoder.decode(Files.readAllBytes(file), DecodeLimits.DEFAULT), pixels);
    } catch (UndecodableImageException e) {
      throw new AssertionError(file + " has a prediction but can't be decoded", e);
    }
    Tensor input = Tensor.of(DType.UINT8, new long[] {1, size, size, 3}, pixels.flip());
    return TopK.softmax(program.forward(input).toFloats());
  }

  @Test
  void listsTheMostProbableClassesFirst() {
    for (Row row : predictions()) {
      if (text(row, "error") == null) {
        List<Row> best = row.getList(row.fieldIndex("top_k"));
        assertThat(best).hasSize(2);
        assertThat(best.get(0).getString(0)).isEqualTo(text(row, "label"));
        assertThat(best.get(0).getFloat(1)).isGreaterThanOrEqualTo(best.get(1).getFloat(1));
      }
    }
  }

  @Test
  void theParentDirectoryIsTheTruthWhereItIsAClass() {
    for (Row row : predictions()) {
      String folder = text(row, "path").substring(0, text(row, "path").indexOf('/'));
      assertThat(text(row, "truth")).isEqualTo(CLASSES.contains(folder) ? folder : null);
    }
  }

  @Test
  void metricsCountWhatThePredictionsSay() {
    ScoreMetrics metrics = result.metrics();
    assertThat(metrics.inputs()).isEqualTo(IMAGES + BROKEN);
    for (ModelMetrics model : metrics.models()) {
      List<Row> labelled =
          predictions().stream()
              .filter(r -> text(r, "model").equals(model.name()))
              .filter(r -> text(r, "error") == null && text(r, "truth") != null)
              .toList();
      long hits = labelled.stream().filter(r -> text(r, "label").equals(text(r, "truth"))).count();
      assertThat(model.images()).isEqualTo(IMAGES);
      assertThat(model.failures()).isEqualTo(BROKEN);
      assertThat(model.accuracy().labelled()).isEqualTo(3L * IMAGES_PER_CLASS);
      assertThat(model.accuracy().top1()).isEqualTo((double) hits / labelled.size());
      assertThat(model.accuracy().top5()).isEqualTo(1); // there are but three classes
      assertThat(model.accuracy().matrix().total()).isEqualTo(labelled.size());
      assertThat(model.fileBytes()).isGreaterThan(40_000_000);
      assertThat(model.latency()).extracting("batchSize").containsExactly(8, 16);
    }
    Map<String, String> second =
        predictions().stream()
            .filter(r -> text(r, "model").equals("b/model") && text(r, "error") == null)
            .collect(Collectors.toMap(r -> text(r, "path"), r -> text(r, "label")));
    long same =
        predictions().stream()
            .filter(r -> text(r, "model").equals("a/model") && text(r, "error") == null)
            .filter(r -> second.get(text(r, "path")).equals(text(r, "label")))
            .count();
    assertThat(metrics.agreement())
        .containsExactly(new ScoreMetrics.Agreement("a/model", "b/model", IMAGES, same));
  }

  @Test
  void throughputRowsAddUpPerModel() {
    for (ModelMetrics model : result.metrics().models()) {
      List<ThroughputRow> rows =
          result.throughput().stream().filter(r -> r.model().equals(model.name())).toList();
      assertThat(rows.stream().mapToLong(ThroughputRow::images).sum()).isEqualTo(IMAGES);
      assertThat(rows.stream().mapToLong(ThroughputRow::failures).sum()).isEqualTo(BROKEN);
      assertThat(rows).extracting(ThroughputRow::partition).doesNotHaveDuplicates();
      assertThat(rows)
          .allSatisfy(
              r -> {
                assertThat(r.threads()).isEqualTo(1);
                assertThat(r.residentBytes()).isPositive();
                assertThat(r.decodeMillis() + r.inferMillis() + r.waitMillis())
                    .isLessThanOrEqualTo(r.wallMillis());
              });
    }
  }

  @Test
  void theFilesOfTheArtifactSayTheSameAsTheResult() throws IOException {
    Path out = Path.of(result.out().toUri());
    ScoreMetrics read =
        ScoreMetrics.fromJson(Files.readString(out.resolve(ScoreMetrics.FILE_NAME)), result.out());
    assertThat(read).isEqualTo(result.metrics());
    List<ThroughputRow> csv =
        ThroughputRow.fromCsv(Files.readString(out.resolve("throughput.csv")), "throughput.csv");
    assertThat(csv).hasSameSizeAs(result.throughput());
    List<Row> parquet =
        LocalCluster.session()
            .read()
            .parquet(out.resolve(Scores.THROUGHPUT).toString())
            .collectAsList();
    assertThat(parquet).hasSameSizeAs(csv);
    Manifest manifest = Artifacts.manifest(CONF, result.out(), Scores.KIND);
    assertThat(manifest.parents()).containsOnlyKeys("model a/model", "model b/model");
    assertThat(manifest.figures()).containsEntry("inputs", IMAGES + BROKEN);
    assertThat(ResultsTable.of(read).toText()).contains("speed-up, batch 16", "a/model");
  }

  @Test
  void refusesAFolderWithoutFilesAndLeavesNothingBehind() throws IOException {
    Files.createDirectories(work.resolve("empty"));
    ScoreSettings settings =
        ScoreSettingsBuilder.builder(settings("none", List.of(modelA)))
            .source(new InputSource.Folder(hadoop("empty")))
            .build();
    assertThatThrownBy(() -> new Score(LocalCluster.session(), settings).execute())
        .isInstanceOf(OctavoException.class)
        .hasMessageEndingWith("/empty holds no files: there is nothing to score");
    try (var left = Files.list(work)) {
      assertThat(left.map(f -> f.getFileName().toString()))
          .noneMatch(name -> name.contains("none"));
    }
  }

  @Test
  void anEmptyPartitionHasNoRows() {
    List<Example<String>> none = List.of();
    assertThat(new ScoreTask(null, null, null, 0).call(none.iterator())).isExhausted();
  }

  @Test
  void aLostOrDoubledRowIsRefused() {
    List<ThroughputRow> throughput = result.throughput();
    long inputs = IMAGES + BROKEN;
    RowCheck.check(
        "a/model", inputs, new PredictionMetrics.Counts(inputs, inputs, BROKEN), throughput);
    for (long rows : new long[] {inputs - 1, inputs + 1}) {
      assertThatThrownBy(
              () ->
                  RowCheck.check(
                      "a/model",
                      inputs,
                      new PredictionMetrics.Counts(rows, Math.min(rows, inputs), 0),
                      throughput))
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("of %d inputs, %d rows".formatted(inputs, rows));
    }
  }

  @Test
  void namesModelsByAsMuchOfTheirPathAsTellsThemApart() {
    List<org.apache.hadoop.fs.Path> paths = new ArrayList<>();
    IntStream.range(0, 2)
        .forEach(i -> paths.add(new org.apache.hadoop.fs.Path("hdfs://n/runs/" + i + "/int8")));
    assertThat(ModelNames.of(paths)).containsExactly("0/int8", "1/int8");
    assertThat(ModelNames.of(paths.subList(0, 1))).containsExactly("int8");
  }
}
