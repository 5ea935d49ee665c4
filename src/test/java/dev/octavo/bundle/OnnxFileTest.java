package dev.octavo.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.OctavoException;
import dev.octavo.engine.Engine;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.OnnxModel;
import dev.octavo.image.Normalization;
import dev.octavo.metrics.TopK;
import dev.octavo.onnx.ChannelMeans;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX files by hand, in ONNX Runtime itself. */
final class OnnxFileTest {
  private static final Configuration CONF = new Configuration();
  private static final int SIZE = 32;
  private static final int IMAGES = 5;
  private static final Normalization NORMALIZATION =
      new Normalization(List.of(0.5, 0.25, 0.125), List.of(0.5, 0.2, 0.1));

  @TempDir private Path directory;

  private org.apache.hadoop.fs.Path write(ChannelMeans model) throws IOException {
    Path file = model.write(directory.resolve("means.onnx"), Map.of());
    return new org.apache.hadoop.fs.Path(file.toUri());
  }

  private static Tensor pixels() {
    byte[] bytes = new byte[IMAGES * SIZE * SIZE * 3];
    new Random(3).nextBytes(bytes);
    return Tensor.of(
        DType.UINT8,
        new long[] {IMAGES, SIZE, SIZE, 3},
        ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
  }

  /** The means of an image's channels, normalised for a model of floats. */
  private static float[] means(Tensor pixels, int image, boolean normalised) {
    double[] sums = new double[3];
    for (int i = 0; i < SIZE * SIZE * 3; i++) {
      int c = i % 3;
      int pixel = pixels.bytes().get(image * SIZE * SIZE * 3 + i) & 0xff;
      sums[c] +=
          normalised ? (pixel / 255.0 - NORMALIZATION.mean(c)) / NORMALIZATION.std(c) : pixel;
    }
    float[] means = new float[3];
    for (int c = 0; c < 3; c++) {
      means[c] = (float) (sums[c] / (SIZE * SIZE));
    }
    return means;
  }

  static Stream<ChannelMeans> models() {
    return Stream.of(
        ChannelMeans.of(DType.FLOAT32, 0, 3, SIZE, SIZE),
        ChannelMeans.of(DType.FLOAT32, 0, SIZE, SIZE, 3),
        ChannelMeans.of(DType.UINT8, 0, 3, SIZE, SIZE),
        ChannelMeans.of(DType.UINT8, 0, SIZE, SIZE, 3),
        ChannelMeans.of(DType.FLOAT32, 0, 3, 0, 0),
        ChannelMeans.of(DType.FLOAT32, 1, 3, SIZE, SIZE),
        ChannelMeans.of(DType.FLOAT32, 2, SIZE, SIZE, 3),
        ChannelMeans.of(DType.UINT8, 8, SIZE, SIZE, 3),
        ChannelMeans.of(DType.FLOAT32, 0, 3, SIZE, SIZE).withSoftmax(),
        ChannelMeans.of(DType.FLOAT32, 2, 3, SIZE, SIZE).withSoftmax());
  }

  @ParameterizedTest
  @MethodSource("models")
  void eachTypeLayoutAndBatchGivesTheSameAnswers(ChannelMeans model) throws IOException {
    Engine.start(1);
    Tensor pixels = pixels();
    try (InferenceProgram program =
        OnnxFile.open(CONF, write(model)).load(CONF, OptionalInt.of(3), NORMALIZATION, 1)) {
      for (int call = 0; call < 2; call++) {
        Tensor logits = program.forward(pixels);
        assertThat(logits.shape()).containsExactly(IMAGES, 3);
        for (int n = 0; n < IMAGES; n++) {
          float[] answer = Arrays.copyOfRange(logits.toFloats(), 3 * n, 3 * n + 3);
          float[] expected = means(pixels, n, model.dtype() == DType.FLOAT32);
          // Logits that come from probabilities are the same but for a constant.
          assertThat(model.softmax() ? TopK.softmax(answer) : answer)
              .containsExactly(model.softmax() ? TopK.softmax(expected) : expected, within(1e-4f));
        }
      }
      assertThatThrownBy(() -> program.embed(pixels))
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("means.onnx gives logits, but no features: export it with a");
    }
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of(
            ChannelMeans.of(DType.FLOAT32, 0, 1, 28, 28),
            "its input 'pixels' is FLOAT32[N, 1, 28, 28], but images are [N, 3, height, width] or"),
        Arguments.of(
            ChannelMeans.of(DType.FLOAT32, 0, 150528),
            "its input 'pixels' is FLOAT32[N, 150528], but images are [N, 3, height, width] or"),
        Arguments.of(
            ChannelMeans.of(DType.FLOAT32, 0, 3, 32, 48),
            "its input 'pixels' is FLOAT32[N, 3, 32, 48]: images are squares of at most 1024"),
        Arguments.of(
            ChannelMeans.of(DType.INT64, 0, 3, 32, 32),
            "its input 'pixels' is INT64[N, 3, 32, 32], neither FLOAT32 nor UINT8"),
        Arguments.of(
            ChannelMeans.of(DType.FLOAT16, 0, 3, 32, 32),
            "its input 'pixels' is FLOAT16[N, 3, 32, 32], neither FLOAT32 nor UINT8"),
        Arguments.of(
            ChannelMeans.of(DType.FLOAT32, 0, 3, 32, 32).withOpset(OnnxModel.LATEST_OPSET + 1),
            "it is of opset 23, and this ONNX Runtime knows those up to 22: export it with"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void namesWhatCanNotBeScoredWith(ChannelMeans model, String message) throws IOException {
    org.apache.hadoop.fs.Path file = write(model);
    assertThatThrownBy(() -> OnnxFile.open(CONF, file))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith(file + " can't be scored with: ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "<html>", "\u0080\u0002}q", "PK\u0003\u0004"})
  void whatIsNotOnnxIsSaidToBeNone(String content) throws IOException {
    Path file = Files.writeString(directory.resolve("x.onnx"), content);
    assertThatThrownBy(() -> OnnxFile.open(CONF, new org.apache.hadoop.fs.Path(file.toUri())))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("x.onnx is no ONNX file: a model is the directory of a bundle, or");
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    Path file =
        ChannelMeans.of(DType.FLOAT32, 0, 3, SIZE, SIZE)
            .write(directory.resolve("cut.onnx"), Map.of());
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> OnnxFile.open(CONF, new org.apache.hadoop.fs.Path(file.toUri())))
        .isInstanceOf(OctavoException.class)
        .hasMessageContaining("cut.onnx can't be scored with: ")
        .hasMessageContaining("(truncated?)");
  }

  /** The constant is the runtime's own bound, which moves with its version. */
  @Test
  void theLatestOpsetIsTheRuntimesOwn() throws IOException {
    Engine.start(1);
    ChannelMeans model = ChannelMeans.of(DType.FLOAT32, 0, 3, SIZE, SIZE);
    Path latest =
        model.withOpset(OnnxModel.LATEST_OPSET).write(directory.resolve("a.onnx"), Map.of());
    OnnxModel.load(latest, "a.onnx", 1).close();
    Path next =
        model.withOpset(OnnxModel.LATEST_OPSET + 1).write(directory.resolve("b.onnx"), Map.of());
    assertThatThrownBy(() -> OnnxModel.load(next, "b.onnx", 1))
        .isInstanceOf(OctavoException.class)
        .hasMessageStartingWith("ONNX Runtime can't load b.onnx: ")
        .hasMessageContaining("till opset " + OnnxModel.LATEST_OPSET);
  }

  @Test
  void anAnswerOfAnotherWidthIsRefused() throws IOException {
    Engine.start(1);
    org.apache.hadoop.fs.Path file =
        write(ChannelMeans.of(DType.FLOAT32, 0, 3, SIZE, SIZE).withClasses(0));
    try (InferenceProgram program =
        OnnxFile.open(CONF, file).load(CONF, OptionalInt.of(4), NORMALIZATION, 1)) {
      assertThatThrownBy(() -> program.forward(pixels()))
          .isInstanceOf(OctavoException.class)
          .hasMessageContaining("means.onnx gives 3 numbers an image, but 4 classes are named");
    }
  }
}
