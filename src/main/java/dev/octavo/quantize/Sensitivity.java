package dev.octavo.quantize;

import dev.octavo.engine.InferenceProgram;
import dev.octavo.program.QuantizedNetwork;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Measures the layers one at a time, on images of the train split. */
final class Sensitivity {
  /** Images that layers are measured on: enough to rank them, few enough for one run each. */
  static final int IMAGES = 32;

  private final NetworkQuantizer quantizer;
  private final Reference reference;

  /** Computes the float model's logits; asked when layers are measured, which they seldom are. */
  interface Reference {
    ReferenceLogits logits() throws IOException;
  }

  Sensitivity(NetworkQuantizer quantizer, Reference reference) {
    this.quantizer = quantizer;
    this.reference = reference;
  }

  /**
   * The layers that aren't in float32 yet, most sensitive first: by the logits' noise when only
   * that layer is quantized. The other way round, one layer in float32 at a time, would show
   * nothing where several layers are bad.
   */
  List<LayerSensitivity> measure(QuantizationConfig approach, QuantizedNetwork network)
      throws IOException {
    ReferenceLogits logits = reference.logits();
    List<LayerSensitivity> measured = new ArrayList<>();
    for (String layer : quantizer.layers()) {
      if (!approach.floatLayers().contains(layer)) {
        QuantizedNetwork candidate = quantizer.onlyLayer(approach, network, layer);
        try (InferenceProgram program = NetworkQuantizer.load(quantizer.program(candidate))) {
          Comparison c = logits.compare(program);
          measured.add(new LayerSensitivity(layer, c.agreement(), c.logits()));
        }
      }
    }
    measured.sort(Comparator.comparingDouble(layer -> -layer.logits().noise()));
    return measured;
  }
}
