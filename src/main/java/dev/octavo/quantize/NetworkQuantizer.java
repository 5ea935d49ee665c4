package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.network.Node;
import dev.octavo.program.CalibrationProgram;
import dev.octavo.program.ComparisonProgram;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Int8Program;
import dev.octavo.program.QuantizedNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Quantizes one network in any {@linkplain Approach way}. What ways have in common (histograms, the
 * equalized network) is computed once.
 */
final class NetworkQuantizer {
  private static final int BATCH = ModelBundle.TYPICAL_BATCH;

  private enum Weights {
    AS_TRAINED,
    EQUALIZED
  }

  private final FoldedNetwork trained;
  private final WeightQuantizer weights;
  private final EvaluationImages calibration;
  private final int imageSize;
  private final Map<Weights, FoldedNetwork> folded = new EnumMap<>(Weights.class);
  private final Map<Weights, Map<Integer, Histogram>> histograms = new EnumMap<>(Weights.class);

  /**
   * A quantizer of a network.
   *
   * @param calibration what ranges are observed on
   * @throws OctavoException if the classifier holds a value that isn't finite
   */
  NetworkQuantizer(
      FoldedNetwork trained, WeightQuantizer weights, EvaluationImages calibration, int imageSize) {
    this.trained = trained;
    this.weights = weights;
    this.calibration = calibration;
    this.imageSize = imageSize;
    requireFinite(trained.linearWeight());
    requireFinite(trained.linearBias());
  }

  private static void requireFinite(float[] values) {
    for (float v : values) {
      if (!Float.isFinite(v)) {
        throw new OctavoException(
            "the last linear layer has a weight or bias that is not finite: it can't be quantized");
      }
    }
  }

  /** The names of all convolutions, in execution order of the fused network. */
  List<String> layers() {
    return CalibrationProgram.observed(trained.network()).stream()
        .map(CalibrationProgram.Observed::name)
        .toList();
  }

  /** Quantizes. */
  QuantizedNetwork quantize(Approach approach) throws IOException {
    FoldedNetwork source = folded(approach);
    return integers(source, histograms(approach), approach.method())
        .withFloat(source, nodes(approach.floatLayers()));
  }

  /** The float network with that layer alone quantized, as it is in {@code network}. */
  QuantizedNetwork onlyLayer(Approach approach, QuantizedNetwork network, String layer) {
    int node = nodes(Set.of(layer)).iterator().next();
    return network.quantizedOnlyAt(folded(approach), node);
  }

  private static Weights kind(Approach approach) {
    return approach.has(Refinement.EQUALIZATION) ? Weights.EQUALIZED : Weights.AS_TRAINED;
  }

  private FoldedNetwork folded(Approach approach) {
    return folded.computeIfAbsent(
        kind(approach), k -> k == Weights.EQUALIZED ? Equalization.of(trained) : trained);
  }

  private Map<Integer, Histogram> histograms(Approach approach) throws IOException {
    Map<Integer, Histogram> known = histograms.get(kind(approach));
    if (known != null) {
      return known;
    }
    FoldedNetwork source = folded(approach);
    try (LoadedProgram program =
        load(out -> CalibrationProgram.write(source, imageSize, BATCH, out))) {
      Map<Integer, Histogram> observed = Calibrator.observe(program, source.network(), calibration);
      histograms.put(kind(approach), observed);
      return observed;
    }
  }

  private QuantizedNetwork integers(
      FoldedNetwork source, Map<Integer, Histogram> observed, RangeMethod method) {
    Map<String, QuantizedNetwork.Conv> convolutions = new HashMap<>();
    for (Node node : source.network().nodes()) {
      if (node instanceof Node.Conv c) {
        QuantizedNetwork.Conv integers =
            weights.quantize(c.name(), source.convolutions().get(c.name()));
        convolutions.put(
            c.name(), c.input() == Node.PIXELS ? integers.withMeanInBias(c) : integers);
      }
    }
    Map<Integer, QuantizedNetwork.Activation> activations = new HashMap<>();
    observed.forEach((node, h) -> activations.put(node, method.range(h).activation()));
    return new QuantizedNetwork(
        source.network(),
        convolutions,
        activations,
        Map.of(),
        source.linearWeight(),
        source.linearBias());
  }

  private Set<Integer> nodes(Collection<String> layers) {
    return CalibrationProgram.observed(trained.network()).stream()
        .filter(tensor -> layers.contains(tensor.name()))
        .map(CalibrationProgram.Observed::node)
        .collect(Collectors.toSet());
  }

  /** The int8 program of a network, for a bundle. */
  ModelBundle.ProgramWriter program(QuantizedNetwork network) {
    return out -> Int8Program.write(network, imageSize, BATCH, out);
  }

  /** The program that compares a network with the float network that it was made from. */
  LoadedProgram comparison(Approach approach, QuantizedNetwork network) throws IOException {
    FoldedNetwork source = folded(approach);
    return load(out -> ComparisonProgram.write(source, network, imageSize, BATCH, out));
  }

  /** Loads a program that was written for this. */
  static LoadedProgram load(ModelBundle.ProgramWriter writer) throws IOException {
    java.nio.file.Path file = ModelBundle.temporary(writer);
    try {
      return LoadedProgram.load(file, LoadedProgram.Mode.INFERENCE);
    } finally {
      Files.delete(file);
    }
  }
}
