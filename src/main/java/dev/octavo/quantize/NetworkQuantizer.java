package dev.octavo.quantize;

import dev.octavo.OctavoException;
import dev.octavo.bundle.CalibrationRecord;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ProgramLoader;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.bundle.TrainedRanges;
import dev.octavo.dataset.EvaluationImages;
import dev.octavo.engine.LoadedProgram;
import dev.octavo.network.Node;
import dev.octavo.program.CalibrationProgram;
import dev.octavo.program.ComparisonProgram;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.FusedProgram;
import dev.octavo.program.InputShape;
import dev.octavo.program.Int8Program;
import dev.octavo.program.Layer;
import dev.octavo.program.Precision;
import dev.octavo.program.QuantParams;
import dev.octavo.program.QuantizedNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Quantizes one network in any way; what ways have in common is computed once. */
final class NetworkQuantizer {
  private static final int BATCH = ProgramLoader.TYPICAL_BATCH;
  private static final QuantParams ANY_RANGE = new QuantParams(0.05f, 64);

  private enum Weights {
    AS_TRAINED,
    EQUALIZED
  }

  private final FoldedNetwork trained;
  private final Optional<TrainedRanges> ranges;
  private final CpuTarget target;
  private final Precision floats;
  private final Images images;
  private final int imageSize;
  private final Consumer<String> progress;
  private final Map<Weights, FoldedNetwork> folded = new EnumMap<>(Weights.class);
  private final Map<Weights, Observations> observations = new EnumMap<>(Weights.class);

  /**
   * The images that are observed.
   *
   * @param images in batches
   * @param number of the images
   */
  record Images(EvaluationImages images, int number) {}

  /**
   * All that is known from running a network over the images.
   *
   * @param histograms of activations, by node
   * @param means the mean patch of every convolution
   * @param rounded by GPTQ, if the way asks for it: by width of the codes, that of the target and
   *     that of its variant
   */
  private record Observations(
      Map<Integer, Histogram> histograms,
      Map<String, double[]> means,
      Map<Integer, Map<String, byte[]>> rounded) {}

  /**
   * A quantizer of a network.
   *
   * @param floats what float layers compute in where networks are compared
   * @param progress takes a line before steps that take long
   * @throws OctavoException if the classifier holds a value that isn't finite
   */
  NetworkQuantizer(
      FoldedNetwork trained,
      CpuTarget target,
      Precision floats,
      Images images,
      int imageSize,
      Consumer<String> progress) {
    this(trained, Optional.empty(), target, floats, images, imageSize, progress);
  }

  /**
   * The same, with ranges that are known, if there are some: nothing is observed then, and ways
   * that need observations are none for it.
   */
  NetworkQuantizer(
      FoldedNetwork trained,
      Optional<TrainedRanges> ranges,
      CpuTarget target,
      Precision floats,
      Images images,
      int imageSize,
      Consumer<String> progress) {
    this.progress = progress;
    this.trained = trained;
    this.ranges = ranges;
    this.target = target;
    this.floats = floats;
    this.images = images;
    this.imageSize = imageSize;
    trained
        .dense()
        .forEach(
            (name, dense) -> {
              requireFinite(name, dense.weight());
              requireFinite(name, dense.bias());
            });
  }

  private static void requireFinite(String name, float[] values) {
    for (float v : values) {
      if (!Float.isFinite(v)) {
        throw new OctavoException(
            "%s has a weight or bias that is not finite: it can't be quantized".formatted(name));
      }
    }
  }

  /** The names of all layers that have a range of their own, in execution order. */
  List<String> layers() {
    return trained.graph().rangedLayers().stream().map(Layer::name).toList();
  }

  /** Quantizes for the target. */
  QuantizedNetwork quantize(QuantizationConfig approach) throws IOException {
    return quantize(approach, target.weightBits());
  }

  /** Quantizes with 7-bit weights, which every CPU computes exactly. */
  QuantizedNetwork variant(QuantizationConfig approach) throws IOException {
    return quantize(approach, CpuTarget.AVX2.weightBits());
  }

  private QuantizedNetwork quantize(QuantizationConfig approach, int bits) throws IOException {
    FoldedNetwork source = folded(approach);
    Map<String, QuantizedNetwork.Conv> convolutions = new HashMap<>();
    for (Node.Conv c : source.network().convolutions()) {
      QuantizedNetwork.Conv integers = integers(approach, bits, c);
      convolutions.put(
          c.name(),
          c.input() == Node.PIXELS ? integers.withMeanInBias(c, source.normalization()) : integers);
    }
    return new QuantizedNetwork(
            source.graph(),
            convolutions,
            activations(approach),
            Map.of(),
            source.dense(),
            source.normalization())
        .withFloat(source, nodes(approach.floatLayers()));
  }

  private Map<Integer, QuantParams> activations(QuantizationConfig approach) throws IOException {
    if (ranges.isPresent()) {
      return ranges.get().mappings();
    }
    Map<Integer, QuantParams> activations = new HashMap<>();
    observations(approach)
        .histograms()
        .forEach((node, h) -> activations.put(node, approach.method().range(h).activation()));
    return activations;
  }

  private QuantizedNetwork.Conv integers(QuantizationConfig approach, int bits, Node.Conv geometry)
      throws IOException {
    String name = geometry.name();
    FoldedNetwork.Conv conv = folded(approach).convolutions().get(name);
    QuantizedNetwork.Conv nearest = new WeightQuantizer(bits).quantize(name, conv);
    byte[] codes =
        approach.has(Refinement.GPTQ)
            ? observations(approach).rounded().get(bits).get(name)
            : nearest.weight();
    QuantizedNetwork.Conv integers =
        new QuantizedNetwork.Conv(codes, nearest.scale(), nearest.bias());
    return approach.has(Refinement.BIAS_CORRECTION)
        ? new QuantizedNetwork.Conv(
            codes,
            nearest.scale(),
            BiasCorrection.of(geometry, conv, integers, observations(approach).means().get(name)))
        : integers;
  }

  /** The float network with that layer alone quantized, as it is in {@code network}. */
  QuantizedNetwork onlyLayer(QuantizationConfig approach, QuantizedNetwork network, String layer) {
    int node = nodes(Set.of(layer)).iterator().next();
    return network.quantizedOnlyAt(folded(approach), node);
  }

  private static Weights kind(QuantizationConfig approach) {
    return approach.has(Refinement.EQUALIZATION) ? Weights.EQUALIZED : Weights.AS_TRAINED;
  }

  private FoldedNetwork folded(QuantizationConfig approach) {
    return folded.computeIfAbsent(
        kind(approach), k -> k == Weights.EQUALIZED ? Equalization.of(trained) : trained);
  }

  /**
   * The observations of one pass, repeated if this configuration needs more than an earlier one.
   */
  private Observations observations(QuantizationConfig approach) throws IOException {
    Observations known = observations.get(kind(approach));
    boolean gptq = approach.has(Refinement.GPTQ);
    if (known != null && (!gptq || !known.rounded().isEmpty())) {
      return known;
    }
    FoldedNetwork source = folded(approach);
    Observations observed;
    try (Calibrator calibrator =
        new Calibrator(
            source,
            load(
                out ->
                    CalibrationProgram.write(
                        source,
                        target.operators(),
                        gptq
                            ? CalibrationProgram.Statistics.COVARIANCES
                            : CalibrationProgram.Statistics.MEANS,
                        new InputShape(imageSize, BATCH),
                        out)),
            images.images(),
            images.number(),
            progress)) {
      observed =
          new Observations(
              calibrator.histograms(
                  CalibrationProgram.observed(source.graph(), target.operators())),
              calibrator.means(),
              gptq ? rounded(calibrator) : Map.of());
    }
    observations.put(kind(approach), observed);
    return observed;
  }

  private Map<Integer, Map<String, byte[]>> rounded(Calibrator calibrator) {
    progress.accept("rounding weights so that their errors make up for each other");
    List<Integer> widths =
        Stream.of(target, CpuTarget.AVX2).map(CpuTarget::weightBits).distinct().toList();
    List<Map<String, byte[]>> codes =
        calibrator.round(widths.stream().map(WeightQuantizer::new).toList());
    Map<Integer, Map<String, byte[]>> byWidth = new HashMap<>();
    for (int v = 0; v < codes.size(); v++) {
      byWidth.put(widths.get(v), codes.get(v));
    }
    return byWidth;
  }

  /** The histograms that ranges were chosen in, and the ranges that all methods choose. */
  CalibrationRecord calibration(QuantizationConfig approach) throws IOException {
    if (ranges.isPresent()) {
      return ranges.get().calibration();
    }
    return CalibrationEntries.of(
        approach.method(), new TreeMap<>(observations(approach).histograms()).values());
  }

  private Set<Integer> nodes(Collection<String> layers) {
    return trained.graph().rangedLayers().stream()
        .filter(layer -> layers.contains(layer.name()))
        .map(Layer::output)
        .collect(Collectors.toSet());
  }

  /**
   * A network of the shape that quantizing gives, without looking at images: its ranges are made
   * up, so that nothing but its speed is right.
   */
  QuantizedNetwork ofSameShape(Collection<String> floatLayers) {
    WeightQuantizer weights = new WeightQuantizer(target.weightBits());
    Map<String, QuantizedNetwork.Conv> convolutions = new HashMap<>();
    trained
        .convolutions()
        .forEach((name, conv) -> convolutions.put(name, weights.quantize(name, conv)));
    Map<Integer, QuantParams> activations = new HashMap<>();
    CalibrationProgram.observed(trained.graph(), target.operators())
        .forEach(tensor -> activations.put(tensor.node(), ANY_RANGE));
    return new QuantizedNetwork(
            trained.graph(),
            convolutions,
            activations,
            Map.of(),
            trained.dense(),
            trained.normalization())
        .withFloat(trained, nodes(floatLayers));
  }

  /** The float program of the network, as scoring runs it. */
  ProgramWriter floatProgram() {
    return out ->
        FusedProgram.write(trained, new InputShape(imageSize, BATCH), Precision.FP32, out);
  }

  /** Height and width of images. */
  int imageSize() {
    return imageSize;
  }

  /** The int8 program of a network, for a bundle. */
  ProgramWriter program(QuantizedNetwork network) {
    return out ->
        Int8Program.write(network, target.operators(), new InputShape(imageSize, BATCH), out);
  }

  /** The same as CPUs like this one run it. */
  ProgramWriter evaluated(QuantizedNetwork network) {
    return out ->
        Int8Program.write(
            network, target.operators(), floats, new InputShape(imageSize, BATCH), out);
  }

  /** The program that compares a network with the float network that it was made from. */
  LoadedProgram comparison(QuantizationConfig approach, QuantizedNetwork network)
      throws IOException {
    FoldedNetwork source = folded(approach);
    return load(
        out ->
            ComparisonProgram.write(
                source,
                network,
                target.operators(),
                floats,
                new InputShape(imageSize, BATCH),
                out));
  }

  /** Loads a program that was written for this. */
  static LoadedProgram load(ProgramWriter writer) throws IOException {
    java.nio.file.Path file = ProgramWriter.temporary(writer);
    try {
      return LoadedProgram.load(file, LoadedProgram.Mode.INFERENCE);
    } finally {
      Files.delete(file);
    }
  }
}
