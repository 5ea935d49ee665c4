package dev.octavo.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.QuantizationFigures;
import dev.octavo.bundle.QuantizationManifest;
import dev.octavo.bundle.QuantizationManifestBuilder;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.Outputs;
import dev.octavo.latency.LatencyRow;
import dev.octavo.latency.LatencyRowBuilder;
import dev.octavo.metrics.ConfusionMatrix.Cell;
import dev.octavo.program.Precision;
import dev.octavo.results.InputSource;
import dev.octavo.results.ResultsTable;
import dev.octavo.results.ScoreMetrics;
import dev.octavo.results.ScoreMetrics.Accuracy;
import dev.octavo.results.ScoreMetrics.Agreement;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.results.ScoreMetricsModelMetricsBuilder;
import dev.octavo.results.Scores;
import dev.octavo.results.ScoresManifest;
import dev.octavo.results.ThroughputRow;
import dev.octavo.results.ThroughputRowBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportTest {
  private static final String HOSTILE = "<script>alert('x')</script> & \"co\"";

  @TempDir private Path work;
  private org.apache.hadoop.fs.Path scores;
  private org.apache.hadoop.fs.Path model;

  private org.apache.hadoop.fs.Path hadoop(String name) {
    return new org.apache.hadoop.fs.Path("file:" + work.resolve(name));
  }

  private static LatencyRow latency(String model, int batch, double millis) {
    return LatencyRowBuilder.builder()
        .model(model)
        .precision("fp32")
        .batchSize(batch)
        .threads(1)
        .cpuFeatures(List.of("avx2"))
        .msPerImage(millis)
        .imagesPerSecond(1000 / millis)
        .p10(millis)
        .p90(millis)
        .build();
  }

  private ScoreMetrics metrics() {
    List<Cell> cells = List.of(new Cell(0, 0, 60), new Cell(1, 0, 15), new Cell(1, 1, 25));
    ModelMetrics inPlace =
        ScoreMetricsModelMetricsBuilder.builder()
            .name("float")
            .path(model.toString())
            .precision("fp32")
            .network("resnet50")
            .imageSize(224)
            .fileBytes(94_442_214)
            .images(100)
            .failures(3)
            .accuracy(new Accuracy(100, 0.8125, 0.975, 0.7925, List.of("attic", HOSTILE), cells))
            .latency(List.of(latency("float", 8, 123.45), latency("float", 16, 120)))
            .build();
    ModelMetrics gone =
        ScoreMetricsModelMetricsBuilder.builder(inPlace)
            .name("int8")
            .path("file:/gone")
            .precision("int8")
            .fileBytes(23_800_000)
            .accuracy(null)
            .latency(List.of(latency("int8", 8, 41.15), latency("int8", 16, 30)))
            .build();
    return new ScoreMetrics(
        103, 61_500, List.of(inPlace, gone), List.of(new Agreement("float", "int8", 100, 97)));
  }

  private static ThroughputRow partition(int number, String model) {
    return ThroughputRowBuilder.builder()
        .round(0)
        .partition(number)
        .model(model)
        .precision("fp32")
        .executor("0")
        .host("host,one")
        .cpuFeatures("avx2")
        .threads(1)
        .images(50)
        .failures(1)
        .bytes(9_000_000)
        .decodeMillis(700.5)
        .inferMillis(6000.25)
        .waitMillis(12.125)
        .wallMillis(6800)
        .imagesPerSecond(7.352941)
        .imagesPerSecondPerCore(7.352941)
        .millisPerImage(136)
        .residentBytes(900_000_000)
        .modelLoadMillis(1500)
        .build();
  }

  @BeforeEach
  void publishScores() throws IOException {
    Configuration conf = new Configuration();
    Manifest manifest;
    model = hadoop("model");
    try (Staging staging =
        Staging.open(conf, model, "model", Destination.IfExists.FAIL, List.of())) {
      Files.writeString(
          Path.of(staging.directory().toUri()).resolve("history.csv"),
          """
          epoch,train_loss,train_top1,val_loss,val_top1
          1,1.5,0.4,1.2,0.55
          2,0.9,0.7,,
          """);
      staging.publish(Manifest.of("model", Map.of(), Map.of("seed", 17), Map.of()));
    }
    manifest = Artifacts.manifest(conf, model, "model");
    scores = hadoop("scores");
    try (Staging staging =
        Staging.open(conf, scores, "scores", Destination.IfExists.FAIL, List.of())) {
      Path directory = Path.of(staging.directory().toUri());
      Files.writeString(directory.resolve(ScoreMetrics.FILE_NAME), metrics().toJson());
      Files.writeString(
          directory.resolve(ThroughputRow.FILE_NAME),
          ThroughputRow.toCsv(List.of(partition(0, "float"), partition(1, "float"))));
      staging.publish(
          Manifest.of(
              Scores.KIND,
              Map.of("model float", manifest.id()),
              RecordEntries.of(
                  new ScoresManifest(
                      List.of(model.toString(), "file:/gone"),
                      new InputSource.Folder(new org.apache.hadoop.fs.Path("file:/photos")),
                      Outputs.top(5),
                      Precision.FP32,
                      DecodeLimits.DEFAULT,
                      Optional.empty())),
              Map.of()));
    }
  }

  private String page() throws IOException {
    new Report(new Configuration(), ReportSettings.of(scores, hadoop("report.html"))).execute();
    return Files.readString(work.resolve("report.html"));
  }

  @Test
  void showsTheFiguresOfTheMetrics() throws IOException {
    String page = page();
    for (ResultsTable.Line line : ResultsTable.of(metrics()).lines()) {
      line.values().forEach(value -> assertThat(page).contains("<td>" + value + "</td>"));
    }
    assertThat(page)
        .contains(
            "81.25 %", "97.50 %", "79.25 %", "94.4 MB", "123.45", "3.00×", "4.00×", "97.00 %");
  }

  @Test
  void escapesNames() throws IOException {
    assertThat(page())
        .containsOnlyOnce("<script")
        .doesNotContain("<script>alert", "alert('x')")
        .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;co&quot;");
  }

  @Test
  void refersToNothingOutsideOfItself() throws IOException {
    assertThat(page())
        .doesNotContainIgnoringCase("<link")
        .doesNotContainIgnoringCase("@import")
        .doesNotContainIgnoringCase("url(")
        .doesNotContainPattern("(?i)\\s(src|href)=\"(?!#|data:)");
  }

  @Test
  void drawsTheCurvesOfATrainedModelAndLeavesGapsWhereAValueIsMissing() throws IOException {
    String page = page();
    assertThat(page).contains("train, epoch 2: 0.9000", "val, epoch 1: 55.00");
    assertThat(page).doesNotContain("val, epoch 2");
  }

  @Test
  void saysThatABundleIsGone() throws IOException {
    assertThat(page()).contains("The bundle of int8 is no longer at file:/gone");
  }

  @Test
  void showsNoCurvesOfAnotherModelThatStandsThereNow() throws IOException {
    try (Staging staging =
        Staging.open(
            new Configuration(), model, "model", Destination.IfExists.REPLACE, List.of())) {
      Files.writeString(
          Path.of(staging.directory().toUri()).resolve("history.csv"), "epoch,train_loss\n1,9\n");
      staging.publish(Manifest.of("model", Map.of(), Map.of("seed", 18), Map.of()));
    }
    assertThat(page()).contains("The bundle of float is no longer at").doesNotContain("<polyline");
  }

  @Test
  void showsEachPartition() throws IOException {
    assertThat(page()).contains("host,one, executor 0 · 0", "host,one, executor 0 · 1");
  }

  @Test
  void headsThePageWithWhateverWasScored() {
    assertThat(Page.source(new InputSource.Split(new org.apache.hadoop.fs.Path("d"), "test")))
        .isEqualTo("Split test of d");
    assertThat(Page.source(new InputSource.Folder(new org.apache.hadoop.fs.Path("photos"))))
        .isEqualTo("Folder photos");
    assertThat(
            Page.source(new InputSource.PathList(new org.apache.hadoop.fs.Path("l.txt"), "path")))
        .isEqualTo("Files listed in l.txt");
    assertThat(
            Page.source(
                new InputSource.Table("db.t", "parquet", "image", "path", Optional.empty())))
        .isEqualTo("Table db.t");
  }

  @Test
  void refusesADirectoryAsOutputAndWhatIsNoScores() throws IOException {
    Files.createDirectories(work.resolve("folder"));
    assertThatThrownBy(
            () ->
                new Report(new Configuration(), ReportSettings.of(scores, hadoop("folder")))
                    .execute())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("folder is a directory: name the file");
    assertThatThrownBy(
            () ->
                new Report(new Configuration(), ReportSettings.of(model, hadoop("page.html")))
                    .execute())
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("is a model, but scores were expected");
  }

  @Test
  void replacesNothingThatItReads() throws IOException {
    org.apache.hadoop.fs.Path metrics = new org.apache.hadoop.fs.Path(scores, "metrics.json");
    String before = Files.readString(work.resolve("scores/metrics.json"));
    assertRefused(ReportSettings.of(scores, metrics), "metrics.json lies within --scores ");
    assertThat(work.resolve("scores/metrics.json")).hasContent(before);
    ReportSettings val =
        new ReportSettings(
            List.of(scores),
            new org.apache.hadoop.fs.Path(model, "page.html"),
            Optional.of(model),
            Optional.empty(),
            ReportSettings.Images.LEFT_OUT,
            OptionalDouble.empty());
    assertRefused(val, "page.html lies within --val-scores ");
    Files.writeString(work.resolve("photo.jpg"), "years of work");
    assertRefused(
        ReportSettings.of(scores, hadoop("photo.jpg")), "photo.jpg exists and is no HTML page");
    assertThat(work.resolve("photo.jpg")).hasContent("years of work");
    assertThat(page()).isEqualTo(page());
  }

  @Test
  void saysHowAnInt8ModelWasMadeAndHowToRepeatIt() throws IOException {
    Map<String, Object> settings =
        new TreeMap<>(
            RecordEntries.of(
                new BundleManifest(
                    "resnet18",
                    BundleManifest.Filed.INT8,
                    Preprocessing.ofSize(64),
                    Optional.of(new BundleManifest.Int8(CpuTarget.VNNI, true)),
                    Optional.empty())));
    QuantizationManifest made =
        QuantizationManifestBuilder.builder()
            .calibrationData("train")
            .calibrationImages(12)
            .calibrationSample(Optional.of("sha256:0"))
            .seed(17)
            .method("mse")
            .refinements(List.of("equalization"))
            .floatLayers(List.of("layer1.0.conv1"))
            .methodAskedFor("mse, equalization")
            .maxDrop(0.5)
            .minAgreement(0.97)
            .maxFloatLayers(2)
            .build();
    settings.putAll(RecordEntries.of(made));
    QuantizationFigures measured =
        new QuantizationFigures(
            47_000_000, "passed", List.of(), Optional.empty(), Optional.empty());
    Manifest manifest = Manifest.of("model", Map.of(), settings, RecordEntries.of(measured));
    ReportInputs.Model int8 =
        new ReportInputs.Model(
            metrics().models().get(1), Optional.of(manifest), List.of(), Optional.empty());
    assertThat(int8.quantization()).contains(made);
    assertThat(new QuantizationSection(List.of(int8)).html())
        .contains("made for CPUs", "vnni", "bits of a weight", ">8<")
        .contains("calibration images", ">12<", "layer1.0.conv1", "equalization");
  }

  @ParameterizedTest
  @ValueSource(strings = {ScoreMetrics.FILE_NAME, ThroughputRow.FILE_NAME})
  void showsNoFigureThatWasAlteredSinceItWasPublished(String name) throws IOException {
    Path file = work.resolve("scores").resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '5') {
        bytes[i] = '6';
      }
    }
    Files.write(file, bytes);
    Files.deleteIfExists(file.resolveSibling("." + name + ".crc"));
    ReportSettings settings = ReportSettings.of(scores, hadoop("page.html"));
    assertThatThrownBy(() -> new Report(new Configuration(), settings).execute())
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining(name + " was altered or damaged since it was published");
    assertThat(work.resolve("page.html")).doesNotExist();
  }

  private static void assertRefused(ReportSettings settings, String message) {
    assertThatThrownBy(() -> new Report(new Configuration(), settings).execute())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining(System.lineSeparator());
  }
}
