package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ImageClassifier;
import dev.octavo.bundle.OnnxOptions;
import dev.octavo.export.Export;
import dev.octavo.export.ExportSettings;
import dev.octavo.image.PreprocessingOverrides;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.TinyModel;
import dev.octavo.metrics.Temperature;
import dev.octavo.onnx.ChannelMeans;
import dev.octavo.report.Report;
import dev.octavo.report.ReportSettings;
import dev.octavo.results.ScoreMetrics.ModelMetrics;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.DType;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX files on two executor JVMs, beside bundles. */
class OnnxScoresTest {
  private static final Configuration CONF = new Configuration();
  private static final List<String> INT8_CLASSES = List.of("a", "b", "c");
  private static final List<String> COLOURS = List.of("red", "green", "blue");

  @TempDir private Path work;

  private Scoring scoring(String... models) throws IOException {
    Scoring scoring = new Scoring(LocalCluster.session(), work);
    return scoring.models(List.of(models).stream().map(scoring::hadoop).toList());
  }

  private org.apache.hadoop.fs.Path hadoop(String name) {
    return new org.apache.hadoop.fs.Path("file:" + work.resolve(name));
  }

  private void export(String model) throws IOException {
    new Export(
            CONF,
            new ExportSettings(hadoop(model), ExportSettings.Format.ONNX, hadoop(model + ".onnx")))
        .execute();
  }

  private static Map<String, Row> byPath(List<Row> rows, String model) {
    return rows.stream()
        .filter(row -> row.getAs("model").equals(model))
        .collect(Collectors.toMap(row -> row.getAs("path"), row -> row));
  }

  @Test
  void anExportedModelAnswersAsItsBundle() throws IOException {
    Images.fill(work.resolve("images"), 0, 19);
    TinyModel.publishInt8(hadoop("int8"), CpuTarget.AVX2, 4);
    new Scoring(LocalCluster.session(), work); // publishes "model"
    export("model");
    export("int8");
    Scoring scoring =
        scoring("model", "model.onnx", "int8", "int8.onnx")
            .outputs(new Outputs(3, true, true, 0))
            .latencyTime(Duration.ofMillis(50));
    ScoreResult result = scoring.run();
    assertThat(result.metrics().models())
        .extracting(ModelMetrics::precision)
        .containsExactly("fp32", "onnx", "int8", "onnx-int8");
    assertThat(result.metrics().models())
        .extracting(ModelMetrics::network)
        .containsOnly("resnet18");
    assertThat(result.metrics().models()).allSatisfy(m -> assertThat(m.latency()).hasSize(2));
    List<Row> rows = scoring.predictions();
    for (String model : List.of("model", "int8")) {
      Map<String, Row> own = byPath(rows, model);
      Map<String, Row> onnx = byPath(rows, model + ".onnx");
      assertThat(onnx).hasSize(19).containsOnlyKeys(own.keySet());
      // The integers are the same, the sums between them are rounded at other places.
      float tolerance = model.equals("int8") ? 0.05f : 1e-4f;
      own.forEach(
          (path, row) -> {
            List<Float> expected = row.getList(row.fieldIndex("probabilities"));
            List<Float> found = onnx.get(path).getList(row.fieldIndex("probabilities"));
            for (int c = 0; c < expected.size(); c++) {
              assertThat(found.get(c)).as(path).isCloseTo(expected.get(c), within(tolerance));
            }
            assertThat(onnx.get(path).getList(row.fieldIndex("embedding"))).hasSize(512);
          });
    }
    // The graph gives logits; their temperature stands in the file's metadata.
    TinyModel.publishCalibrated(hadoop("calibrated"), INT8_CLASSES, 4, 2.5);
    export("calibrated");
    ImageClassifier file = ImageClassifier.open(CONF, hadoop("calibrated.onnx"), Optional.empty());
    assertThat(file.temperature()).isEqualTo(new Temperature(2.5));
    assertThat(ImageClassifier.open(CONF, hadoop("model.onnx"), Optional.empty()).temperature())
        .isEqualTo(Temperature.ONE);
    // Nothing is left to score: the same files are the same models.
    assertThat(scoring.run().added()).isZero();
  }

  private void paint(String folder, Color color) throws IOException {
    BufferedImage image = new BufferedImage(40, 50, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, 40, 50);
    graphics.dispose();
    Path file = Files.createDirectories(work.resolve("images").resolve(folder)).resolve("a.png");
    assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
  }

  private static OnnxOptions said(org.apache.hadoop.fs.Path classes, int imageSize) {
    return new OnnxOptions(
        Optional.of(classes),
        new PreprocessingOverrides(
            Optional.of(imageSize),
            Optional.empty(),
            Optional.empty(),
            List.of(0.0, 0.0, 0.0),
            List.of(1.0, 1.0, 1.0)));
  }

  @Test
  void aForeignModelAnswersWithTheClassesThatItIsGiven() throws IOException {
    paint("red", new Color(250, 40, 10));
    paint("green", new Color(40, 250, 10));
    paint("blue", new Color(10, 40, 250));
    Files.write(work.resolve("classes.txt"), COLOURS);
    ChannelMeans.of(DType.FLOAT32, 2, 3, 0, 0)
        .withSoftmax()
        .write(work.resolve("means.onnx"), Map.of());
    Scoring scoring =
        scoring("means.onnx")
            .onnx(said(hadoop("classes.txt"), 48))
            .outputs(new Outputs(3, true, false, 0));
    assertThat(scoring.run().metrics().models().get(0).accuracy().top1()).isEqualTo(1);
    Row red = byPath(scoring.predictions(), "means.onnx").get("red/a.png");
    List<Float> probabilities = red.getList(red.fieldIndex("probabilities"));
    double sum = Math.exp(250 / 255.0) + Math.exp(40 / 255.0) + Math.exp(10 / 255.0);
    assertThat(probabilities.get(0))
        .isCloseTo((float) (Math.exp(250 / 255.0) / sum), within(1e-5f));
    new Report(CONF, ReportSettings.of(hadoop("scores"), hadoop("report.html"))).execute();
    assertThat(Files.readString(work.resolve("report.html")))
        .contains("means.onnx")
        .contains("<span>--image-size</span> 48 <span>--mean</span> 0.0,0.0,0.0");
    // Other names are another model, whose scores are in the way.
    Files.write(work.resolve("classes.txt"), List.of("rot", "gruen", "blau"));
    assertThatThrownBy(scoring::run)
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("scores");
  }

  @Test
  void saysWhatAForeignModelLacks() throws IOException {
    paint("red", Color.RED);
    ChannelMeans.of(DType.FLOAT32, 0, 3, 48, 48).write(work.resolve("means.onnx"), Map.of());
    assertThatThrownBy(() -> scoring("means.onnx").run())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageEndingWith(
            "means.onnx doesn't name its classes: give --classes FILE, one a line in the order of its logits");
    Files.write(work.resolve("classes.txt"), COLOURS);
    assertThatThrownBy(() -> scoring("means.onnx").onnx(said(hadoop("classes.txt"), 64)).run())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageEndingWith("means.onnx takes images of 48 pixels, not of 64 (--image-size)");
    Files.write(work.resolve("classes.txt"), List.of("a", "b"));
    assertThatThrownBy(() -> scoring("means.onnx").onnx(said(hadoop("classes.txt"), 48)).run())
        .isInstanceOf(OctavoException.Usage.class)
        .hasMessageContaining("means.onnx gives 3 numbers an image, but 2 classes are named");
  }
}
