package dev.octavo.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.ImageItem.Bytes;
import dev.octavo.inference.ImageItem.Failed;
import dev.octavo.inference.ImageItem.FileRef;
import dev.octavo.inference.ImageItem.Pixels;
import dev.octavo.program.Precision;
import dev.octavo.spark.JvmResource;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchRunnerTest {
  private static final int BATCH = 4;
  private static final Configuration CONF = new Configuration();

  @TempDir private static Path work;

  private static InferencePlan plan;

  @BeforeAll
  static void publish() throws IOException {
    plan = plan("first", 1, "second", 2);
  }

  private static InferencePlan plan(String first, long seed1, String second, long seed2)
      throws IOException {
    List<ModelSpec> specs = List.of(spec(first, seed1), spec(second, seed2));
    return new InferencePlan(
        new ModelSetSpec(specs, BATCH, DecodeLimits.DEFAULT, InferencePlan.DECODE_TIME),
        Outputs.top(1),
        new SerializableConfiguration(CONF));
  }

  private static ModelSpec spec(String name, long seed) throws IOException {
    var directory = new org.apache.hadoop.fs.Path(work.resolve(name).toUri());
    TinyModel.publish(directory, List.of("a", "b", "c"), seed);
    return ModelSpec.of(name, ModelBundle.open(CONF, directory), Precision.FP32, CpuPolicy.ADAPT);
  }

  private static BatchRunner<String> runner() {
    return new BatchRunner<>(plan, 1, key -> key);
  }

  private static BufferedImage image(int seed) {
    BufferedImage image = new BufferedImage(70, 66, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(seed);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return image;
  }

  private static byte[] png(int seed) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(image(seed), "png", out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Pixels pixels(int seed) {
    BufferedImage image = image(seed);
    byte[] samples = new byte[3 * image.getWidth() * image.getHeight()];
    for (int i = 0; i < samples.length; i++) {
      int rgb = image.getRGB(i / 3 % image.getWidth(), i / 3 / image.getWidth());
      samples[i] = (byte) (rgb >> (8 * (i % 3)));
    }
    return new Pixels(image.getWidth(), image.getHeight(), 16, samples);
  }

  private static FileRef file(String name, byte[] bytes) throws IOException {
    Path file = Files.write(work.resolve(name), bytes);
    return new FileRef(file.toUri().toString(), bytes.length);
  }

  private static List<Example<String>> examples(ImageItem... images) {
    return IntStream.range(0, images.length)
        .mapToObj(i -> new Example<>("key " + i, "b", images[i]))
        .toList();
  }

  @Test
  void everyKindOfImageIsPredictedInItsPlace() throws IOException {
    List<Example<String>> examples =
        examples(
            new Failed("missing: nothing there"),
            new Bytes(png(7)),
            pixels(7),
            new Bytes(new byte[] {1, 2, 3}),
            file("seven.png", png(7)));
    Predicted<String> predicted;
    try (BatchRunner<String> runner = runner()) {
      predicted = runner.predict(examples.iterator());
    }
    assertThat(predicted.keys()).containsExactly("key 0", "key 1", "key 2", "key 3", "key 4");
    assertThat(predicted.byModel()).hasSize(2);
    for (List<Prediction> predictions : predicted.byModel()) {
      assertThat(predictions).hasSize(5).allSatisfy(p -> assertThat(p.truth()).isEqualTo("b"));
      assertThat(predictions.get(0).error()).isEqualTo("missing: nothing there");
      assertThat(predictions.get(3).error()).startsWith("not-an-image: ");
      Prediction ofBytes = predictions.get(1);
      assertThat(ofBytes.failed()).isFalse();
      assertThat(ofBytes.truthRank()).isBetween(1, 3);
      // PNG is lossless, and a row of a batch doesn't depend on the others.
      assertThat(predictions.get(2)).isEqualTo(ofBytes);
      assertThat(predictions.get(4)).isEqualTo(ofBytes);
    }
    assertThat(predicted.byModel().get(0).get(1).best())
        .isNotEqualTo(predicted.byModel().get(1).get(1).best());
  }

  @Test
  void onlyTheLastBatchIsNotFull() {
    List<Example<String>> examples = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      examples.add(Example.unlabelled("bad " + i, new Bytes(new byte[] {(byte) i})));
      examples.add(Example.unlabelled("good " + i, new Bytes(png(i))));
    }
    List<Integer> decoded = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    try (BatchRunner<String> runner = runner()) {
      Iterator<Example<String>> all = examples.iterator();
      Predicted<String> predicted = runner.predict(all);
      while (!predicted.keys().isEmpty()) {
        keys.addAll(predicted.keys());
        decoded.add((int) predicted.byModel().get(0).stream().filter(p -> !p.failed()).count());
        predicted = runner.predict(all);
      }
    }
    assertThat(decoded).containsExactly(BATCH, BATCH, 2);
    assertThat(keys).containsExactlyElementsOf(examples.stream().map(Example::key).toList());
  }

  @Test
  void rowsAreNotDrawnAheadAndFilesAre() throws IOException {
    FileRef file = file("ahead.png", png(3));
    for (boolean files : new boolean[] {false, true}) {
      List<Example<String>> examples = new ArrayList<>();
      for (int i = 0; i < 3 * BATCH; i++) {
        examples.add(Example.unlabelled("" + i, files ? file : new Bytes(png(i))));
      }
      Iterator<Example<String>> drawn = examples.iterator();
      try (BatchRunner<String> runner = runner()) {
        assertThat(runner.predict(drawn).keys()).hasSize(BATCH);
        assertThat(drawn.hasNext()).isEqualTo(!files);
        assertThat(runner.bytes())
            .isEqualTo(examples.stream().limit(BATCH).mapToLong(e -> e.image().length()).sum());
        assertThat(runner.predict(drawn).keys()).containsExactly("4", "5", "6", "7");
      }
    }
  }

  @Test
  void aFileThatChangedOrIsTooLargeIsAnError() throws IOException {
    FileRef file = file("changed.png", png(4));
    long tooMany = DecodeLimits.DEFAULT.maxBytes() + 1;
    try (BatchRunner<String> runner = runner()) {
      Predicted<String> predicted =
          runner.predict(
              examples(
                      new FileRef(file.uri(), file.length() - 1),
                      new FileRef(file.uri(), file.length() + 1),
                      new FileRef(file.uri(), tooMany),
                      new FileRef(file.uri() + ".not", 1))
                  .iterator());
      assertThat(predicted.byModel().get(1))
          .extracting(Prediction::error)
          .satisfiesExactly(
              grew -> assertThat(grew).endsWith("the file grew since it was listed"),
              shrank -> assertThat(shrank).endsWith("the file shrank since it was listed"),
              large ->
                  assertThat(large)
                      .isEqualTo(
                          "too-many-bytes: %d bytes exceed the limit of %d",
                          tooMany, DecodeLimits.DEFAULT.maxBytes()),
              absent -> assertThat(absent).startsWith("unreadable: ").contains("changed.png.not"));
      assertThat(runner.inferNanos(0)).isPositive();
    }
  }

  @Test
  void aFileThatBecameAFifoIsAnErrorAndTheRestGoesOn() throws Exception {
    Path pipe = work.resolve("pipe.png");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    try (BatchRunner<String> runner = runner()) {
      Predicted<String> predicted =
          runner.predict(
              examples(new FileRef(pipe.toUri().toString(), 9), file("after.png", png(5)))
                  .iterator());
      assertThat(predicted.byModel().get(0))
          .extracting(Prediction::error)
          .containsExactly("unreadable: no regular file but a FIFO, a socket or a device", null);
    }
  }

  @Test
  void aBatchGoesToTheNextRunnerUnlessThreadsMayStillWriteToIt() {
    try (JvmResource.Lease<ModelSet> lease = ModelSet.borrow(plan, 1)) {
      ModelSet models = lease.resource();
      List<Batch> others = new ArrayList<>();
      Batch batch = models.borrowBatch();
      models.giveBack(batch);
      for (Batch idle = models.borrowBatch(); idle != batch; idle = models.borrowBatch()) {
        others.add(idle);
      }
      models.giveBack(batch); // the only idle one
      try (BatchRunner<String> runner = runner()) {
        assertThat(runner.predict(examples(new Bytes(png(1))).iterator()).keys()).hasSize(1);
      }
      Batch same = models.borrowBatch();
      assertThat(same).isSameAs(batch);
      models.giveBack(same);

      BatchRunner<String> interrupted = runner();
      Thread.currentThread().interrupt();
      assertThatThrownBy(
              () -> interrupted.predict(examples(new Bytes(png(1)), new Bytes(png(2))).iterator()))
          .hasMessage("interrupted while decoding");
      assertThat(Thread.interrupted()).isTrue();
      interrupted.close();
      interrupted.close();
      assertThatThrownBy(() -> interrupted.predict(List.<Example<String>>of().iterator()))
          .hasMessage("the task has ended");
      Batch fresh = models.borrowBatch();
      assertThat(fresh).isNotSameAs(batch);
      models.giveBack(fresh);
      others.forEach(models::giveBack);
    }
  }

  @Test
  void plansOfEqualModelsShareThem() throws IOException {
    InferencePlan other =
        new InferencePlan(
            new ModelSetSpec(
                List.copyOf(plan.models().specs()),
                BATCH,
                DecodeLimits.DEFAULT,
                InferencePlan.DECODE_TIME),
            Outputs.top(3),
            new SerializableConfiguration(new Configuration()));
    try (JvmResource.Lease<ModelSet> one = ModelSet.borrow(plan, 1);
        JvmResource.Lease<ModelSet> two = ModelSet.borrow(other, 1)) {
      assertThat(two.resource()).isSameAs(one.resource());
    }
  }
}
