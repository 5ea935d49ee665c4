package dev.octavo.inference;

import dev.octavo.engine.InferenceProgram;
import dev.octavo.image.Preprocessing;
import dev.octavo.inference.Prediction.Guess;
import dev.octavo.metrics.Temperature;
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
  private final Preprocessing preprocessing;
  private final Temperature temperature;
  private final InferenceProgram program;
  private final long loadNanos;

  /**
   * Takes over the program.
   *
   * @param temperature of its confidence
   * @param loadNanos that loading and warming up took
   */
  ScoringModel(
      ModelSpec spec,
      List<String> classes,
      Preprocessing preprocessing,
      Temperature temperature,
      InferenceProgram program,
      long loadNanos) {
    this.spec = spec;
    this.classes = List.copyOf(classes);
    this.preprocessing = preprocessing;
    this.temperature = temperature;
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

  /** The way from images to what it takes. */
  public Preprocessing preprocessing() {
    return preprocessing;
  }

  /** The time that loading and warming up took. */
  public long loadNanos() {
    return loadNanos;
  }

  /** Logits {@code [N, classes]} for {@code uint8 [N, size, size, 3]}, row after row. */
  public float[] logits(Tensor pixels) {
    return program.forward(pixels).toFloats();
  }

  /**
   * Predicts the images of a batch.
   *
   * @param labels of the images, in their order; null where unknown
   * @return a prediction for each of them, with an error for those that have no pixels
   */
  List<Prediction> predict(Batch batch, List<String> labels, Outputs outputs) {
    int rows = batch.rows();
    float[] logits = new float[0];
    float[] features = new float[0];
    float[] mirrored = new float[0];
    if (rows > 0 && outputs.embeddings()) {
      InferenceProgram.Embedding embedding = program.embed(batch.pixels(preprocessing));
      logits = embedding.logits().toFloats();
      features = embedding.features().toFloats();
    } else if (rows > 0) {
      logits = logits(batch.pixels(preprocessing));
    }
    boolean flip = outputs.views() == Outputs.Views.FLIP;
    if (rows > 0 && flip) {
      mirrored = logits(batch.mirrored(preprocessing));
    }
    List<Prediction> predictions = new ArrayList<>(batch.size());
    int row = 0;
    for (int i = 0; i < batch.size(); i++) {
      Integer truth = indices.get(labels.get(i));
      if (batch.error(i) != null) {
        predictions.add(Prediction.failure(name(truth), batch.error(i)));
        continue;
      }
      float[] own = row(logits, row, rows);
      predictions.add(
          predict(
              truth,
              batch.warning(i),
              flip ? new float[][] {own, row(mirrored, row, rows)} : new float[][] {own},
              outputs.embeddings() ? row(features, row, rows) : null,
              outputs));
      row++;
    }
    return predictions;
  }

  private String name(Integer index) {
    return index == null ? null : classes.get(index);
  }

  private static float[] row(float[] values, int row, int rows) {
    int width = values.length / rows;
    return Arrays.copyOfRange(values, row * width, (row + 1) * width);
  }

  private Prediction predict(
      Integer truth, String warning, float[][] views, float[] embedding, Outputs outputs) {
    for (float[] logits : views) {
      for (float logit : logits) {
        if (!Float.isFinite(logit)) {
          return Prediction.failure(name(truth), "not-finite: the model gives the logit " + logit);
        }
      }
    }
    // Ranked by logits: probabilities that differ may round to the same float.
    float[] scores = views[0];
    float[] probabilities = temperature.probabilities(scores);
    if (views.length > 1) {
      double[] mean = temperature.meanProbabilities(views);
      for (int c = 0; c < mean.length; c++) {
        probabilities[c] = (float) mean[c];
      }
      scores = logarithms(mean);
    }
    int[] best = TopK.indices(scores, outputs.topK());
    List<Guess> guesses = new ArrayList<>(best.length);
    for (int c : best) {
      guesses.add(new Guess(classes.get(c), probabilities[c]));
    }
    return PredictionBuilder.builder()
        .best(guesses)
        .labelId(best[0])
        .truth(name(truth))
        .truthRank(truth == null ? null : TopK.rank(scores, truth))
        .probabilities(outputs.probabilities() ? probabilities : null)
        .embedding(embedding)
        .warning(warning)
        .error(null)
        .build();
  }

  private static float[] logarithms(double[] values) {
    float[] logarithms = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      logarithms[i] = (float) Math.log(values[i]);
    }
    return logarithms;
  }

  /** Frees the program. */
  @Override
  public void close() {
    program.close();
  }
}
