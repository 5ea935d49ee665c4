package dev.octavo.weights;

import dev.octavo.OctavoException;
import dev.octavo.network.Network;
import dev.octavo.tensor.StateDict;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The judgement on how well a file fits a network.
 *
 * @param network that is wanted
 * @param file all tensors, under the file's names
 * @param matched tensors of the network that the file has
 * @param missing tensors of the network that it lacks
 * @param unexpected tensors of the file that the network lacks
 * @param replaced the classifier's tensors if the file's has another number of classes
 */
record ImportCheck(
    Network network,
    StateDict file,
    List<String> matched,
    List<String> missing,
    List<String> unexpected,
    Set<String> replaced) {
  private static final List<String> KINDS =
      List.of(".weight", ".bias", ".running_mean", ".running_var");

  /**
   * Requires what a policy wants.
   *
   * @throws OctavoException if the file isn't that
   */
  void require(WeightImport.Policy policy) {
    switch (policy) {
      case ALLOW_PARTIAL -> {}
      case REQUIRE_HALF -> requireHalf();
      case REQUIRE_ALL -> requireAll();
    }
  }

  private void requireHalf() {
    Set<String> parameters = network.parameterShapes().keySet();
    long found = matched.stream().filter(parameters::contains).count();
    if (2 * found >= parameters.size()) {
      return;
    }
    if (found == 0) {
      throw nothing("give weights of this --network, or leave --weights out to start from scratch");
    }
    throw new OctavoException(
        "only %d of the %d parameters of %s are in the weights (missing: %s; in the file but not in the network: %s); choose"
                .formatted(
                    found,
                    parameters.size(),
                    network.name(),
                    ImportReport.firstOf(missing),
                    unexpected.isEmpty() ? "none" : ImportReport.firstOf(unexpected))
            + " the --network that they were trained with, or pass --allow-partial to start the"
            + " rest fresh");
  }

  private void requireAll() {
    if (matched.isEmpty()) {
      throw nothing(NetworkGuess.remedy(file));
    }
    List<String> foreign = foreign(network, unexpected);
    if (!foreign.isEmpty()) {
      throw new OctavoException(
          "the weights are not those of a %s, which has no %s: %s"
              .formatted(network.name(), ImportReport.firstOf(foreign), NetworkGuess.remedy(file)));
    }
    if (!missing.isEmpty()) {
      throw new OctavoException(
          "%d of the %d tensors of %s are missing in the weights: %s; an import needs all of them, but train --weights starts from what there is"
              .formatted(
                  missing.size(),
                  network.stateShapes().keySet().stream()
                      .filter(name -> !name.endsWith(WeightImport.BATCHES))
                      .count(),
                  network.name(),
                  ImportReport.firstOf(missing)));
    }
    if (!replaced.isEmpty()) {
      String name = network.classifier().name() + ".weight";
      throw new OctavoException(
          "the weights tell %d classes apart (%s), but %d are named: name those that it was trained on, in the order of its logits"
              .formatted(classes(name), name, network.classes()));
    }
  }

  private long classes(String classifier) {
    return file.tensors().entrySet().stream()
        .filter(e -> e.getKey().endsWith(classifier))
        .map(Map.Entry::getValue)
        .mapToLong(tensor -> tensor.shape()[0])
        .findFirst()
        .orElseThrow();
  }

  private OctavoException nothing(String remedy) {
    return new OctavoException(
        "none of the %d parameters of %s are in the weights, which have %s: %s"
            .formatted(
                network.parameterShapes().size(),
                network.name(),
                unexpected.isEmpty() ? "no tensors" : ImportReport.firstOf(unexpected),
                remedy));
  }

  /**
   * Weights in modules of the network that the network lacks: those of a deeper network, or of one
   * with biases. What a file has beside the network, such as auxiliary classifiers, is none.
   */
  static List<String> foreign(Network network, Collection<String> names) {
    Set<String> known = network.stateShapes().keySet();
    Set<String> modules =
        known.stream().map(ImportCheck::module).collect(Collectors.toUnmodifiableSet());
    return names.stream()
        .filter(name -> !known.contains(name))
        .filter(name -> KINDS.stream().anyMatch(name::endsWith))
        .filter(name -> modules.contains(module(name)))
        .toList();
  }

  private static String module(String name) {
    return name.substring(0, name.indexOf('.'));
  }
}
