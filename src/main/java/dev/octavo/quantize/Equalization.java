package dev.octavo.quantize;

import dev.octavo.network.Node;
import dev.octavo.program.FoldedNetwork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cross-layer equalization (Nagel et al., "Data-Free Quantization through Weight Equalization and
 * Bias Correction", ICCV 2019, section 4.1).
 *
 * <p>Where convolution A feeds only convolution B, through ReLU or nothing at all, dividing output
 * channel {@code i} of A (weights and bias) by {@code s[i]} and multiplying input channel {@code i}
 * of B by it changes nothing, since {@code relu(s * x) = s * relu(x)} for positive {@code s} (which
 * is not so for ReLU6). With {@code s[i] = sqrt(a[i] / b[i])}, {@code a[i]} and {@code b[i]} the
 * largest weight magnitudes of that channel in A and B, both become {@code sqrt(a[i] * b[i])}. So
 * one tensor's scale suits all channels between them. Chains (conv1, conv2, conv3 of a bottleneck)
 * are done pair by pair until nothing moves. A channel without any weight on one side stays as it
 * is.
 */
final class Equalization {
  private static final int MAX_ROUNDS = 40;
  private static final double SETTLED = 1e-3;

  private Equalization() {}

  /** Two convolutions with nothing or only a ReLU between them. */
  record Pair(Node.Conv first, Node.Conv second) {}

  /** The pairs of a network, in execution order. */
  static List<Pair> pairs(List<Node> nodes) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      int index = i;
      List<Node> readers = nodes.stream().filter(n -> n.inputs().contains(index)).toList();
      if (nodes.get(i) instanceof Node.Conv first
          && first.activation().isHomogeneous()
          && readers.size() == 1
          && readers.get(0) instanceof Node.Conv second) {
        pairs.add(new Pair(first, second));
      }
    }
    return pairs;
  }

  /** The same function with equalized weights. */
  static FoldedNetwork of(FoldedNetwork network) {
    Map<String, FoldedNetwork.Conv> convolutions = new HashMap<>();
    network
        .convolutions()
        .forEach(
            (name, c) ->
                convolutions.put(
                    name, new FoldedNetwork.Conv(c.weight().clone(), c.bias().clone())));
    List<Pair> pairs = pairs(network.network().nodes());
    double moved = Double.POSITIVE_INFINITY;
    for (int round = 0; round < MAX_ROUNDS && moved > SETTLED; round++) {
      moved = 0;
      for (Pair pair : pairs) {
        moved = Math.max(moved, equalize(pair, convolutions));
      }
    }
    return new FoldedNetwork(
        network.graph(), convolutions, network.dense(), network.normalization());
  }

  /** Equalizes a pair in place and returns the largest {@code |log s|}. */
  private static double equalize(Pair pair, Map<String, FoldedNetwork.Conv> convolutions) {
    FoldedNetwork.Conv first = convolutions.get(pair.first().name());
    FoldedNetwork.Conv second = convolutions.get(pair.second().name());
    Node.Conv reader = pair.second();
    int channels = pair.first().outChannels();
    int perOutput = first.weight().length / channels;
    int taps = reader.geometry().taps();
    int perReader = reader.weightsPerOutput();
    double moved = 0;
    for (int i = 0; i < channels; i++) {
      double a = 0;
      for (int k = 0; k < perOutput; k++) {
        a = Math.max(a, Math.abs(first.weight()[i * perOutput + k]));
      }
      int from = firstWeight(reader, i);
      int to = from + reader.outChannels() / reader.geometry().groups() * perReader;
      double b = 0;
      for (int k = from; k < to; k += perReader) {
        for (int j = 0; j < taps; j++) {
          b = Math.max(b, Math.abs(second.weight()[k + j]));
        }
      }
      float s = (float) Math.sqrt(a / b);
      if (!(s > 0) || Float.isInfinite(s)) {
        continue;
      }
      moved = Math.max(moved, Math.abs(Math.log(s)));
      for (int k = 0; k < perOutput; k++) {
        first.weight()[i * perOutput + k] /= s;
      }
      first.bias()[i] /= s;
      for (int k = from; k < to; k += perReader) {
        for (int j = 0; j < taps; j++) {
          second.weight()[k + j] *= s;
        }
      }
    }
    return moved;
  }

  /** The first weight by which a convolution reads a channel: of its group's first output. */
  private static int firstWeight(Node.Conv reader, int channel) {
    int groups = reader.geometry().groups();
    int perGroup = reader.inChannels() / groups;
    int output = channel / perGroup * (reader.outChannels() / groups);
    return output * reader.weightsPerOutput() + channel % perGroup * reader.geometry().taps();
  }
}
