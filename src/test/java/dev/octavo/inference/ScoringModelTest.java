package dev.octavo.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.octavo.bundle.CpuPolicy;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Preprocessing;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.metrics.Temperature;
import dev.octavo.program.Precision;
import dev.octavo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Predictions of an engine that is written in a few lines of Java. */
class ScoringModelTest {
  private static final int SIZE = 32;
  private static final Preprocessing SQUARE = Preprocessing.ofSize(SIZE);
  private static final List<String> CLASSES = List.of("red", "green", "blue");

  /** Its logits are the means of the channels, its features twice as much. */
  private static final class ChannelMeans implements InferenceProgram {
    @Override
    public Tensor forward(Tensor images) {
      int n = (int) images.shape()[0];
      float[] means = new float[n * 3];
      for (int i = 0; i < images.elements(); i++) {
        means[i / (3 * SIZE * SIZE) * 3 + i % 3] +=
            (images.bytes().get(i) & 0xff) / (float) (SIZE * SIZE);
      }
      return Tensor.of(means, n, 3);
    }

    @Override
    public Embedding embed(Tensor images) {
      Tensor logits = forward(images);
      float[] twice = logits.toFloats();
      for (int i = 0; i < twice.length; i++) {
        twice[i] *= 2;
      }
      return new Embedding(logits, Tensor.of(twice, logits.shape()));
    }

    @Override
    public void close() {}
  }

  private static ImageItem.Loaded image(int red, int green, int blue) {
    byte[] samples = new byte[3 * SIZE * SIZE];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) (i % 3 == 0 ? blue : i % 3 == 1 ? green : red);
    }
    return new ImageItem.Pixels(SIZE, SIZE, 16, samples);
  }

  @Test
  void anyEngineThatGivesLogitsPredicts() {
    ModelSpec spec =
        new ModelSpec(
            "means", "none", "id", new ModelSpec.Program(Precision.FP32, CpuPolicy.ADAPT));
    try (ScoringModel model =
            new ScoringModel(spec, CLASSES, SQUARE, Temperature.ONE, new ChannelMeans(), 0);
        Batch batch =
            new Batch(4, Set.of(SQUARE), 1, DecodeLimits.DEFAULT, InferencePlan.DECODE_TIME)) {
      batch.add(
          List.of(image(50, 10, 30), new ImageItem.Failed("missing: none"), image(10, 20, 5)));
      List<String> labels = Arrays.asList("blue", "green", "violet");
      List<Prediction> predictions = model.predict(batch, labels, new Outputs(1, false, true, 0));
      assertThat(predictions).extracting(Prediction::labelId).containsExactly(0, null, 1);
      assertThat(predictions).extracting(Prediction::truth).containsExactly("blue", "green", null);
      assertThat(predictions).extracting(Prediction::truthRank).containsExactly(2, null, null);
      assertThat(predictions.get(1).error()).isEqualTo("missing: none");
      assertThat(predictions.get(2).embedding()).containsExactly(20, 40, 10);
      assertThat(model.predict(batch, labels, Outputs.top(1)))
          .extracting(Prediction::embedding)
          .containsOnlyNulls();
    }
  }

  @Test
  void aTemperatureChangesProbabilitiesAndNoAnswer() {
    ModelSpec spec =
        new ModelSpec(
            "means", "none", "id", new ModelSpec.Program(Precision.FP32, CpuPolicy.ADAPT));
    try (ScoringModel model =
            new ScoringModel(spec, CLASSES, SQUARE, new Temperature(10), new ChannelMeans(), 0);
        Batch batch =
            new Batch(4, Set.of(SQUARE), 1, DecodeLimits.DEFAULT, InferencePlan.DECODE_TIME)) {
      batch.add(List.of(image(50, 10, 30)));
      Prediction prediction =
          model.predict(batch, List.of("blue"), new Outputs(3, true, false, 0)).get(0);
      assertThat(prediction.best())
          .extracting(Prediction.Guess::label)
          .containsExactly("red", "blue", "green");
      double sum = Math.exp(5) + Math.exp(1) + Math.exp(3);
      float[] expected = {
        (float) (Math.exp(5) / sum), (float) (Math.exp(1) / sum), (float) (Math.exp(3) / sum)
      };
      assertThat(prediction.probabilities()).containsExactly(expected, within(1e-6f));
      assertThat(prediction.best().get(0).probability()).isEqualTo(prediction.probabilities()[0]);
      assertThat(prediction.truthRank()).isEqualTo(2);
    }
  }
}
