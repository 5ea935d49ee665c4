package dev.octavo.quantize;

import dev.octavo.network.Node;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.QuantizedNetwork;
import java.util.HashMap;
import java.util.Map;

/** Puts a quantized network together from weights and observed ranges. */
final class NetworkQuantizer {
  private final WeightQuantizer weights;
  private final RangeMethod method;

  NetworkQuantizer(WeightQuantizer weights, RangeMethod method) {
    this.weights = weights;
    this.method = method;
  }

  /**
   * Quantizes.
   *
   * @param histograms of the fused convolutions' outputs, by node index
   */
  QuantizedNetwork quantize(FoldedNetwork folded, Map<Integer, Histogram> histograms) {
    Map<String, QuantizedNetwork.Conv> convolutions = new HashMap<>();
    for (Node node : folded.network().nodes()) {
      if (node instanceof Node.Conv c) {
        QuantizedNetwork.Conv integers =
            weights.quantize(c.name(), folded.convolutions().get(c.name()));
        convolutions.put(
            c.name(), c.input() == Node.PIXELS ? integers.withMeanInBias(c) : integers);
      }
    }
    Map<Integer, QuantizedNetwork.Activation> activations = new HashMap<>();
    histograms.forEach((node, h) -> activations.put(node, method.range(h).activation()));
    return new QuantizedNetwork(
        folded.network(), convolutions, activations, folded.linearWeight(), folded.linearBias());
  }
}
