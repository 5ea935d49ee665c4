package dev.octavo.weights;

import dev.octavo.network.Architecture;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Finds the network that weights belong to, for messages. */
final class NetworkGuess {
  private NetworkGuess() {}

  /** The remedy for weights of another network: the end of a sentence. */
  static String remedy(StateDict file) {
    List<String> fitting =
        Architectures.all().stream()
            .filter(architecture -> fits(architecture, file))
            .map(Architecture::id)
            .toList();
    return fitting.isEmpty()
        ? "choose the --network that they were trained with"
        : "they are those of --network " + String.join(" or ", fitting);
  }

  /** Returns whether a file has all of a network, with any number of classes, and no more of it. */
  private static boolean fits(Architecture architecture, StateDict file) {
    Network network = architecture.network(1);
    String classifier = network.classifier().name() + ".";
    StateDict weights = WeightNames.of(network, file).weights();
    for (Map.Entry<String, long[]> expected : network.parameterShapes().entrySet()) {
      Tensor tensor = weights.tensors().get(expected.getKey());
      boolean free = expected.getKey().startsWith(classifier);
      if (tensor == null || !(free || Arrays.equals(tensor.shape(), expected.getValue()))) {
        return false;
      }
    }
    return ImportCheck.foreign(network, weights.names()).isEmpty();
  }
}
