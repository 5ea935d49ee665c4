package dev.octavo.score;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.metrics.TopK;
import dev.octavo.score.Prediction.Guess;
import dev.octavo.weights.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A loaded model that turns pixels into predictions. May be used by several tasks at once. */
final class ScoringModel implements AutoCloseable {
  private final ModelSpec spec;
  private final List<String> classes;
  private final Map<String, Integer> indices = new HashMap<>();
  private final int imageSize;
  private final LoadedProgram program;
  private final long loadNanos;

  /**
   * Takes over the program.
   *
   * @param loadNanos that loading and warming up took
   */
  ScoringModel(
      ModelSpec spec, List<String> classes, int imageSize, LoadedProgram program, long loadNanos) {
    this.spec = spec;
    this.classes = List.copyOf(classes);
    this.imageSize = imageSize;
    this.program = program;
    this.loadNanos = loadNanos;
    for (int i = 0; i < classes.size(); i++) {
      indices.put(classes.get(i), i);
    }
  }

  ModelSpec spec() {
    return spec;
  }

  int imageSize() {
    return imageSize;
  }

  long loadNanos() {
    return loadNanos;
  }

  /** Logits {@code [N, classes]} for {@code uint8 [N, size, size, 3]}, row after row. */
  float[] logits(Tensor pixels) {
    return program.run("forward", pixels).get(0).toFloats();
  }

  /** One prediction for each image of the batch, in its order. */
  List<Prediction> predict(Batch batch, int topK) {
    float[] logits = logits(batch.pixels(imageSize));
    List<Input> inputs = batch.inputs();
    List<Prediction> predictions = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      float[] row = Arrays.copyOfRange(logits, i * classes.size(), (i + 1) * classes.size());
      predictions.add(predict(inputs.get(i), row, topK));
    }
    return predictions;
  }

  private Prediction predict(Input input, float[] logits, int topK) {
    for (float logit : logits) {
      if (!Float.isFinite(logit)) {
        return failure(input, "not-finite: the model gives the logit " + logit);
      }
    }
    float[] probabilities = TopK.softmax(logits);
    // Ranked by logits: probabilities that differ may round to the same float.
    int[] best = TopK.indices(logits, topK);
    List<Guess> guesses =
        Arrays.stream(best).mapToObj(c -> new Guess(classes.get(c), probabilities[c])).toList();
    Integer truth = indices.get(input.label());
    return new Prediction(
        input.path(),
        spec.name(),
        spec.precisionName(),
        guesses,
        best[0],
        truth == null ? null : input.label(),
        truth == null ? null : TopK.rank(logits, truth),
        null);
  }

  /** The row of an input that the model has no prediction for. */
  Prediction failure(Input input, String error) {
    return new Prediction(
        input.path(),
        spec.name(),
        spec.precisionName(),
        List.of(),
        null,
        indices.containsKey(input.label()) ? input.label() : null,
        null,
        error);
  }

  /** Frees the program. */
  @Override
  public void close() {
    program.close();
  }
}
