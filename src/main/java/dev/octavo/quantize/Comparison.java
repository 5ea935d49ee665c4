package dev.octavo.quantize;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.metrics.Ratio;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.metrics.TopK;
import java.util.Arrays;

/**
 * How a quantized program does beside the float program it came from, on the same labelled
 * pictures.
 *
 * @param floatTop1 the float program's top-1 accuracy
 * @param int8Top1 the quantized program's
 * @param agreement how often both name the same class
 * @param logits signal to quantization noise of the logits
 */
public record Comparison(Ratio floatTop1, Ratio int8Top1, Ratio agreement, SignalToNoise logits) {

  static final Comparison NONE =
      new Comparison(Ratio.NONE, Ratio.NONE, Ratio.NONE, SignalToNoise.NONE);

  private Comparison plus(float[] reference, float[] approximation, int label) {
    int expected = TopK.indices(reference, 1)[0];
    int predicted = TopK.indices(approximation, 1)[0];
    return new Comparison(
        floatTop1.plus(Ratio.Outcome.of(expected == label)),
        int8Top1.plus(Ratio.Outcome.of(predicted == label)),
        agreement.plus(Ratio.Outcome.of(expected == predicted)),
        logits.plus(SignalToNoise.of(reference, approximation)));
  }

  /** Runs both programs over the pictures. */
  static Comparison of(LoadedProgram reference, LoadedProgram quantized, EvaluationImages images) {
    Comparison[] sum = {NONE};
    images.forEach(
        batch -> {
          float[] expected = reference.run("forward", batch.images()).get(0).toFloats();
          float[] actual = quantized.run("forward", batch.images()).get(0).toFloats();
          int classes = expected.length / batch.labels().length;
          for (int i = 0; i < batch.labels().length; i++) {
            sum[0] =
                sum[0].plus(
                    Arrays.copyOfRange(expected, i * classes, (i + 1) * classes),
                    Arrays.copyOfRange(actual, i * classes, (i + 1) * classes),
                    batch.labels()[i]);
          }
        });
    return sum[0];
  }
}
