package dev.octavo.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.image.Interpolation;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.PortableProgram;
import dev.octavo.program.Precision;
import dev.octavo.program.TestModels;
import dev.octavo.spark.JvmResource;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two models of one run, with images of equal size but other preprocessing. */
class BundlePreprocessingTest {
  private static final int WIDTH = 51;
  private static final int HEIGHT = 40;
  private static final int SIZE = 32;

  /** An image whose shorter side is {@link #HEIGHT} is only cropped and normalised. */
  private static final Preprocessing OTHER =
      new Preprocessing(
          HEIGHT,
          SIZE,
          Interpolation.BICUBIC,
          new Normalization(List.of(0.5, 0.25, 0.75), List.of(0.5, 0.125, 0.3)));

  private final Configuration conf = new Configuration();
  private final Network network = ResNet.RESNET18.network(3);
  private final StateDict weights = TestModels.weights(network, 7);
  private @TempDir Path directory;

  @Test
  void eachModelPredictsByItsBundlesRuleAsPyTorchsFormulaSays() throws Exception {
    InferencePlan plan =
        new InferencePlan(
            new ModelSetSpec(
                List.of(
                    spec("default", Preprocessing.ofSize(SIZE), Precision.FP32),
                    spec("other", OTHER, Precision.FP32),
                    spec("portable", OTHER, Precision.PORTABLE)),
                1,
                DecodeLimits.DEFAULT,
                InferencePlan.DECODE_TIME),
            Outputs.top(1),
            new SerializableConfiguration(conf));
    float[] expected = formula();
    try (JvmResource.Lease<ModelSet> lease = ModelSet.borrow(plan, 1)) {
      Batch batch = lease.resource().borrowBatch();
      batch.add(List.of(new ImageItem.Bytes(png())));
      for (ScoringModel model : lease.resource().models()) {
        float[] logits = model.logits(batch.pixels(model.preprocessing()));
        float largest = Math.max(Math.abs(logits[0]), Math.abs(logits[1]));
        if (model.spec().name().equals("default")) {
          assertThat(Math.abs(logits[0] - expected[0])).isGreaterThan(1e-3f * largest);
          continue;
        }
        for (int c = 0; c < logits.length; c++) {
          assertThat(logits[c])
              .as("%s, class %d", model.spec().name(), c)
              .isCloseTo(expected[c], within(1e-4f * largest));
        }
      }
      lease.resource().giveBack(batch);
    }
  }

  @Test
  void theManifestAndDjlsFileSayTheRule() throws Exception {
    ModelBundle bundle = bundle("other", OTHER);
    assertThat(bundle.preprocessing()).isEqualTo(OTHER);
    assertThat(bundle.manifest().settings())
        .containsEntry("preprocessing.resizeSize", 40)
        .containsEntry("preprocessing.cropSize", 32)
        .containsEntry("preprocessing.interpolation", "bicubic")
        .containsEntry("preprocessing.normalization.mean", List.of(0.5, 0.25, 0.75))
        .containsEntry("preprocessing.normalization.std", List.of(0.5, 0.125, 0.3))
        .containsEntry("network", "resnet18")
        .containsEntry("precision", "fp32");
    assertThat(Files.readAllLines(directory.resolve("other/serving.properties")))
        .contains("width=32", "height=32", "resizeShort=40,-1,BICUBIC");
  }

  /** The logits for {@code (pixel / 255 - mean) / std} of the image's middle. */
  private float[] formula() throws IOException {
    int left = (int) Math.rint((WIDTH - SIZE) / 2.0);
    int top = (HEIGHT - SIZE) / 2;
    double[] mean = {0.5, 0.25, 0.75};
    double[] std = {0.5, 0.125, 0.3};
    float[] values = new float[3 * SIZE * SIZE];
    for (int i = 0; i < values.length; i++) {
      int c = i / (SIZE * SIZE);
      int rgb = pixel(left + i % SIZE, top + i / SIZE % SIZE);
      int pixel = (rgb >> (8 * (2 - c))) & 0xff;
      values[i] = (float) ((pixel / 255.0 - mean[c]) / std[c]);
    }
    Normalization identity = new Normalization(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
    try (LoadedProgram program =
        TestModels.load(
            out -> PortableProgram.write(network, weights, identity, out),
            LoadedProgram.Mode.INFERENCE)) {
      return TestModels.logits(program, Tensor.of(values, 1, 3, SIZE, SIZE));
    }
  }

  private static int pixel(int x, int y) {
    return (((x * 5) & 0xff) << 16) | (((y * 6) & 0xff) << 8) | ((x * y) & 0xff);
  }

  private static byte[] png() throws IOException {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        image.setRGB(x, y, pixel(x, y));
      }
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(image, "png", file);
    return file.toByteArray();
  }

  private ModelSpec spec(String name, Preprocessing rule, Precision precision) throws IOException {
    return ModelSpec.of(name, bundle(name, rule), precision, CpuPolicy.ADAPT);
  }

  private ModelBundle bundle(String name, Preprocessing rule) throws IOException {
    var out = new org.apache.hadoop.fs.Path(directory.resolve(name).toUri());
    try (Staging staging = Staging.open(conf, out, "model", Destination.IfExists.FAIL, List.of())) {
      BundleWriter.publish(
          staging,
          new BundleWriter.Content(
              new BundleWriter.Description(network, List.of("a", "b", "c"), rule),
              ProgramWriter.portable(network, weights, rule.normalization()),
              Map.of(),
              Map.of(),
              Map.of()));
    }
    return ModelBundle.open(conf, out);
  }
}
