package dev.octavo.quantize;

import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.metrics.SignalToNoise;
import dev.octavo.tensor.Tensor;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The distance of a layer's output in the int8 network from that in the float network, each on its
 * own inputs: the error adds up from layer to layer.
 *
 * @param layer the convolution, with the residual add and ReLU that are fused into it
 * @param output signal to quantization noise of its output
 */
public record LayerError(String layer, SignalToNoise output) {
  private static final Tensor UNUSED = Tensor.of(new float[1], 1);

  /**
   * The errors of all layers, in execution order, and what else the pass over the images gave.
   *
   * @param floatLogits the float network's logits of each batch
   */
  record Measured(List<LayerError> errors, List<float[]> floatLogits) {}

  /**
   * Measures all layers.
   *
   * @param program a loaded {@link dev.octavo.program.ComparisonProgram}
   */
  static Measured measure(LoadedProgram program, List<String> layers, EvaluationImages images) {
    List<float[]> logits = new ArrayList<>();
    images.forEach(batch -> logits.add(program.run("compare", batch.images()).get(0).toFloats()));
    DoubleBuffer sums = program.run("sums", UNUSED).get(0).bytes().asDoubleBuffer();
    List<LayerError> errors = new ArrayList<>();
    for (String layer : layers) {
      errors.add(new LayerError(layer, new SignalToNoise(sums.get(), sums.get())));
    }
    return new Measured(errors, logits);
  }
}
