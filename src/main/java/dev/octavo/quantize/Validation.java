package dev.octavo.quantize;

import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.InferenceProgram;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.inference.ConfidenceCalibration;
import dev.octavo.program.QuantizedNetwork;
import java.io.IOException;
import java.util.List;

/**
 * The images that quantized networks are judged by. The float network runs over them once, beside
 * the first quantized one, so that the errors of its layers come out of the same pass.
 */
final class Validation {
  private final NetworkQuantizer quantizer;
  private final EvaluationImages images;
  private final int classes;
  private ReferenceLogits reference;
  private QuantizationConfig compared;
  private List<LayerError> errors = List.of();

  Validation(NetworkQuantizer quantizer, EvaluationImages images, int classes) {
    this.quantizer = quantizer;
    this.images = images;
    this.classes = classes;
  }

  /** Runs the program that a bundle of the network would have, and compares its logits. */
  Comparison compare(QuantizationConfig approach, QuantizedNetwork network) throws IOException {
    if (reference == null) {
      layerErrors(approach, network);
    }
    try (InferenceProgram program = NetworkQuantizer.load(quantizer.evaluated(network))) {
      return reference.compare(program);
    }
  }

  /** The temperature of the program that a bundle of the network would have, on these images. */
  ConfidenceCalibration confidence(QuantizedNetwork network) throws IOException {
    try (InferenceProgram program = NetworkQuantizer.load(quantizer.evaluated(network))) {
      return ConfidenceCalibration.fit(program, images);
    }
  }

  /** The error of every layer of a network, in execution order; empty if there are no images. */
  List<LayerError> layerErrors(QuantizationConfig approach, QuantizedNetwork network)
      throws IOException {
    if (!approach.equals(compared)) {
      try (LoadedProgram program = quantizer.comparison(approach, network)) {
        LayerError.Measured measured = LayerError.measure(program, quantizer.layers(), images);
        if (reference == null) {
          reference = new ReferenceLogits(measured.floatLogits(), images, classes);
        }
        errors = reference.isEmpty() ? List.of() : measured.errors();
        compared = approach;
      }
    }
    return errors;
  }
}
