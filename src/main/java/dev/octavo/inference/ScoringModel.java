package dev.octavo.inference;

import dev.octavo.bundle.ModelBundle;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.inference.Prediction.Guess;
import dev.octavo.metrics.TopK;
import dev.octavo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A loaded model that turns pixels into predictions. May be used by several tasks at once. */
public final class ScoringModel implements AutoCloseable {
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

  /** The name of the model. */
  public ModelSpec spec() {
    return spec;
  }

  /** Height and width of its images. */
  public int imageSize() {
    return imageSize;
  }

  /** The time that loading and warming up took. */
  public long loadNanos() {
    return loadNanos;
  }

  /** Logits {@code [N, classes]} for {@code uint8 [N, size, size, 3]}, row after row. */
  public float[] logits(Tensor pixels) {
    return program.run("forward", pixels).get(0).toFloats();
  }

  /** The method of a program that computes what a prediction is to hold. */
  static String method(Outputs outputs) {
    return outputs.embeddings() ? ModelBundle.EMBED : "forward";
  }

  /** One prediction for each image of the batch, in its order. */
  public List<Prediction> predict(Batch batch, Outputs outputs) {
    List<Tensor> results = program.run(method(outputs), batch.pixels(imageSize));
    float[] logits = results.get(0).toFloats();
    float[] features = outputs.embeddings() ? results.get(1).toFloats() : new float[0];
    List<Input> inputs = batch.inputs();
    int n = inputs.size();
    List<Prediction> predictions = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      predictions.add(
          predict(
              inputs.get(i),
              batch.warning(i),
              row(logits, i, n),
              outputs.embeddings() ? row(features, i, n) : null,
              outputs));
    }
    return predictions;
  }

  private static float[] row(float[] values, int row, int rows) {
    int width = values.length / rows;
    return Arrays.copyOfRange(values, row * width, (row + 1) * width);
  }

  private Prediction predict(
      Input input, String warning, float[] logits, float[] embedding, Outputs outputs) {
    for (float logit : logits) {
      if (!Float.isFinite(logit)) {
        return Prediction.failure("not-finite: the model gives the logit " + logit);
      }
    }
    float[] probabilities = TopK.softmax(logits);
    // Ranked by logits: probabilities that differ may round to the same float.
    int[] best = TopK.indices(logits, outputs.topK());
    List<Guess> guesses = new ArrayList<>(best.length);
    for (int c : best) {
      guesses.add(new Guess(classes.get(c), probabilities[c]));
    }
    Integer truth = indices.get(input.label());
    return new Prediction(
        guesses,
        best[0],
        truth == null ? null : TopK.rank(logits, truth),
        outputs.probabilities() ? probabilities : null,
        embedding,
        warning,
        null);
  }

  /** The input's label where it is one of the model's classes, else null. */
  public String truth(Input input) {
    return indices.containsKey(input.label()) ? input.label() : null;
  }

  /** Frees the program. */
  @Override
  public void close() {
    program.close();
  }
}
