package dev.octavo.quantize;

import dev.octavo.engine.LoadedProgram;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Layer;
import dev.octavo.program.LayerInputProgram;
import dev.octavo.tensor.Tensor;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A loaded {@link LayerInputProgram} that has seen the calibration images: what is known of the
 * inputs of a network's convolutions.
 */
final class LayerInputs implements AutoCloseable {
  /** Images that statistics are gathered on: some 6,000 patches where a layer has fewest. */
  static final int IMAGES = 128;

  private final FoldedNetwork network;
  private final List<String> names;
  private final LoadedProgram program;

  /** Runs the program over the images and takes it over. */
  LayerInputs(FoldedNetwork network, LoadedProgram program, EvaluationImages images) {
    this.network = network;
    this.program = program;
    this.names = network.graph().convolutions().stream().map(Layer::name).toList();
    try {
      int[] batches = {0};
      images.forEach(
          batch ->
              program.run("observe", batch.images(), Tensor.of(new float[] {batches[0]++}, 1)));
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /** The mean patch of every convolution, {@code [in * kernel * kernel]}. */
  Map<String, double[]> means() {
    Map<String, double[]> means = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      DoubleBuffer sums =
          program.run("sums", Tensor.of(new float[] {i}, 1)).get(0).bytes().asDoubleBuffer();
      double[] mean = new double[sums.remaining() - 1];
      sums.get(mean);
      double patches = sums.get();
      for (int k = 0; k < mean.length; k++) {
        mean[k] /= patches;
      }
      means.put(names.get(i), mean);
    }
    return means;
  }

  /**
   * The codes of every convolution's weights by each quantizer, in their order, rounded so that
   * errors make up for each other.
   */
  List<Map<String, byte[]>> round(List<WeightQuantizer> quantizers) {
    List<Map<String, byte[]>> codes =
        quantizers.stream().<Map<String, byte[]>>map(q -> new HashMap<>()).toList();
    float[] limits = new float[quantizers.size()];
    for (int v = 0; v < limits.length; v++) {
      limits[v] = quantizers.get(v).levels();
    }
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      FoldedNetwork.Conv conv = network.convolutions().get(name);
      int size = conv.weight().length;
      FloatBuffer weights = FloatBuffer.allocate(limits.length * size);
      quantizers.forEach(q -> weights.put(WeightQuantizer.inCodes(conv, q.scales(name, conv))));
      int channels = conv.bias().length;
      float[] rounded =
          program
              .run(
                  "round",
                  Tensor.of(new float[] {i}, 1),
                  Tensor.of(weights.array(), limits.length, channels, size / channels),
                  Tensor.of(limits, limits.length))
              .get(0)
              .toFloats();
      for (int v = 0; v < limits.length; v++) {
        byte[] bytes = new byte[size];
        for (int k = 0; k < size; k++) {
          bytes[k] = (byte) rounded[v * size + k];
        }
        codes.get(v).put(name, bytes);
      }
    }
    return codes;
  }

  @Override
  public void close() {
    program.close();
  }
}
