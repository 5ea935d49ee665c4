package dev.octavo.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.artifact.Artifacts;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Preprocess;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.inference.Outputs;
import dev.octavo.inference.Outputs.Views;
import dev.octavo.inference.TinyModel;
import dev.octavo.metrics.TopK;
import dev.octavo.program.Precision;
import dev.octavo.results.Scores;
import dev.octavo.spark.LocalCluster;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several views of an image, on two executor JVMs, against a loop over the images. */
class ViewsTest {
  private static final Configuration CONF = new Configuration();
  private static final int IMAGES = 9;
  private static final int SIZE = TinyModel.IMAGE_SIZE;
  private static final double TEMPERATURE = 0.7;

  @TempDir private Path work;

  @Test
  void flipAveragesTheProbabilitiesOfAnImageAndItsMirrorImage() throws Exception {
    Path folder = Files.createDirectories(work.resolve("images/bar"));
    Random random = new Random(9);
    for (int i = 0; i < IMAGES; i++) {
      Images.write(folder.resolve(i + ".png"), 70 + 5 * i, 90, random);
    }
    Files.writeString(folder.resolve("none.png"), "not an image");
    TinyModel.publishCalibrated(
        new org.apache.hadoop.fs.Path("file:" + work.resolve("model")),
        Scoring.CLASSES,
        3,
        TEMPERATURE);
    Scoring scoring =
        new Scoring(LocalCluster.session(), work)
            .outputs(new Outputs(3, true, true, 0, Views.FLIP));
    ScoreResult result = scoring.run();

    ModelBundle bundle = ModelBundle.open(CONF, scoring.hadoop("model"));
    boolean differs = false;
    try (InferenceProgram program =
        new ProgramLoader(bundle, CONF, CpuPolicy.ADAPT).load(Precision.PORTABLE)) {
      for (Row row : scoring.predictions()) {
        if (row.getAs("error") != null) {
          continue;
        }
        byte[] square = square(work.resolve("images").resolve(row.<String>getAs("path")));
        double[] own = softmax(logits(program, square));
        double[] mirrored = softmax(logits(program, mirror(square)));
        float[] mean = new float[own.length];
        List<Float> found = row.getList(row.fieldIndex("probabilities"));
        for (int c = 0; c < own.length; c++) {
          mean[c] = (float) ((own[c] + mirrored[c]) / 2);
          assertThat(found.get(c)).isCloseTo(mean[c], within(1e-4f));
          differs |= Math.abs(own[c] - mirrored[c]) > 1e-2;
        }
        assertThat(row.<Integer>getAs("label_id")).isEqualTo(TopK.indices(mean, 1)[0]);
        assertThat(row.<Float>getAs("probability")).isEqualTo(found.get(row.getAs("label_id")));
        List<Float> embedding = row.getList(row.fieldIndex("embedding"));
        float[] features = program.embed(input(square)).features().toFloats();
        assertThat(embedding.get(0)).isCloseTo(features[0], within(1e-3f));
      }
    }
    assertThat(differs).as("mirror images get other probabilities").isTrue();
    assertThat(result.metrics().models().get(0).images()).isEqualTo(IMAGES);
    assertThat(Artifacts.manifest(CONF, result.out(), Scores.KIND).settings().get("outputs.views"))
        .isEqualTo("flip");
  }

  private static byte[] square(Path file) throws Exception {
    ByteBuffer pixels = ByteBuffer.allocate(3 * SIZE * SIZE);
    Preprocess.evaluation(Preprocessing.ofSize(SIZE))
        .apply(ImageDecoder.decode(Files.readAllBytes(file), DecodeLimits.DEFAULT), pixels);
    return pixels.array();
  }

  private static byte[] mirror(byte[] square) {
    byte[] mirrored = new byte[square.length];
    for (int y = 0; y < SIZE; y++) {
      for (int x = 0; x < SIZE; x++) {
        for (int c = 0; c < 3; c++) {
          mirrored[3 * (y * SIZE + x) + c] = square[3 * (y * SIZE + SIZE - 1 - x) + c];
        }
      }
    }
    return mirrored;
  }

  private static Tensor input(byte[] square) {
    ByteBuffer pixels = ByteBuffer.allocateDirect(square.length).put(square).flip();
    return Tensor.of(DType.UINT8, new long[] {1, SIZE, SIZE, 3}, pixels);
  }

  private static float[] logits(InferenceProgram program, byte[] square) {
    return program.forward(input(square)).toFloats();
  }

  private static double[] softmax(float[] logits) {
    double sum = 0;
    double[] values = new double[logits.length];
    for (int c = 0; c < logits.length; c++) {
      values[c] = Math.exp(logits[c] / TEMPERATURE);
      sum += values[c];
    }
    for (int c = 0; c < logits.length; c++) {
      values[c] /= sum;
    }
    return values;
  }
}
