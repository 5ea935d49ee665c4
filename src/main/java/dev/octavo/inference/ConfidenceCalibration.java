package dev.octavo.inference;

import dev.octavo.OctavoException;
import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.metrics.Ratio;
import dev.octavo.metrics.Reliability;
import dev.octavo.metrics.Temperature;
import dev.octavo.metrics.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;

/**
 * The temperature of a program's confidence, fitted to its logits on labelled images that it was
 * not trained on.
 *
 * @param temperature that makes the labels most likely
 * @param images that it was fitted to
 * @param before expected calibration error of the softmax as it is
 * @param after the same with the temperature, on the same images
 */
public record ConfidenceCalibration(
    Temperature temperature, int images, double before, double after) {
  /** The refusal of a dataset that has no val image to fit a temperature to. */
  public static OctavoException withoutVal(Path data) {
    return new OctavoException(
        "--calibrate-confidence fits a temperature to val, of which %s has no image: leave it out, or ingest with --val-fraction"
            .formatted(data));
  }

  /**
   * Runs a program over images and fits the temperature to its logits.
   *
   * @param images of which at least one has a label
   */
  public static ConfidenceCalibration fit(InferenceProgram program, EvaluationImages images) {
    List<float[]> logits = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    images.forEach(
        batch -> {
          float[] all = program.forward(batch.images()).toFloats();
          int classes = all.length / batch.labels().length;
          for (int i = 0; i < batch.labels().length; i++) {
            if (batch.labels()[i] >= 0) {
              logits.add(Arrays.copyOfRange(all, i * classes, (i + 1) * classes));
              labels.add(batch.labels()[i]);
            }
          }
        });
    return fit(
        logits.toArray(float[][]::new), labels.stream().mapToInt(Integer::intValue).toArray());
  }

  private static ConfidenceCalibration fit(float[][] logits, int[] labels) {
    Temperature fitted = Temperature.fitToLogits(logits, labels);
    return new ConfidenceCalibration(
        fitted,
        labels.length,
        error(logits, labels, Temperature.ONE),
        error(logits, labels, fitted));
  }

  private static double error(float[][] logits, int[] labels, Temperature temperature) {
    Reliability reliability = new Reliability();
    for (int i = 0; i < labels.length; i++) {
      int best = TopK.indices(logits[i], 1)[0];
      reliability.add(
          temperature.probabilities(logits[i])[best], Ratio.Outcome.of(best == labels[i]));
    }
    return reliability.expectedCalibrationError();
  }

  /** What came out, in words. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "confidence calibrated on %,d images of val: temperature %.4f, expected calibration error there %.4f -> %.4f",
        images,
        temperature.value(),
        before,
        after);
  }
}
