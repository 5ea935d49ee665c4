package dev.octavo.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.repository.zoo.Criteria;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Preprocess;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.image.codec.ImageDecoder;
import dev.octavo.inference.TinyModel;
import dev.octavo.metrics.TopK;
import dev.octavo.program.Precision;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle in an application that knows DJL and nothing of Octavo, as docs/library.md shows it. */
class DjlApplicationTest {
  private static final List<String> CLASSES = List.of("bar", "child's room", "gym");

  /** The side that evaluation resizes to: an image of that size is only cropped, by both. */
  private static final int RESIZED = 73;

  @TempDir private Path directory;

  @Test
  void classifiesAsOctavoDoes() throws Exception {
    org.apache.hadoop.fs.Path bundle =
        TinyModel.publish(
            new org.apache.hadoop.fs.Path("file:" + directory.resolve("model")), CLASSES, 3);
    Path image = image();
    Criteria<Image, Classifications> criteria =
        Criteria.builder()
            .setTypes(Image.class, Classifications.class)
            .optModelPath(directory.resolve("model"))
            .build();
    Classifications result;
    try (var model = criteria.loadModel();
        var predictor = model.newPredictor()) {
      result = predictor.predict(ImageFactory.getInstance().fromFile(image));
    }
    float[] expected = probabilities(bundle, image);
    for (int c = 0; c < CLASSES.size(); c++) {
      assertThat((float) result.get(CLASSES.get(c)).getProbability())
          .as(CLASSES.get(c))
          .isCloseTo(expected[c], within(1e-4f));
    }
  }

  private Path image() throws Exception {
    BufferedImage image = new BufferedImage(RESIZED, RESIZED, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    Random random = new Random(3);
    for (int i = 0; i < 20; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      graphics.fillRect(random.nextInt(RESIZED), random.nextInt(RESIZED), 30, 30);
    }
    graphics.dispose();
    Path file = directory.resolve("image.png");
    assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
    return file;
  }

  private static float[] probabilities(org.apache.hadoop.fs.Path bundle, Path image)
      throws Exception {
    int size = TinyModel.IMAGE_SIZE;
    ByteBuffer pixels = ByteBuffer.allocateDirect(3 * size * size);
    Preprocess.evaluation(Preprocessing.ofSize(size))
        .apply(ImageDecoder.decode(Files.readAllBytes(image), DecodeLimits.DEFAULT), pixels);
    Configuration conf = new Configuration();
    try (InferenceProgram program =
        new ProgramLoader(ModelBundle.open(conf, bundle), conf, CpuPolicy.ADAPT)
            .load(Precision.PORTABLE)) {
      Tensor input = Tensor.of(DType.UINT8, new long[] {1, size, size, 3}, pixels.flip());
      return TopK.softmax(program.forward(input).toFloats());
    }
  }
}
