package dev.octavo.weights;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file's tensors under a network's names.
 *
 * @param prefix what stands before the network's names in the file; may be empty
 * @param folded convolutions that batch norm was folded into, by name: it is the identity here
 * @param weights the tensors, the prefix taken off; those without it keep their names, unless one
 *     would be lost
 */
record WeightNames(String prefix, List<String> folded, StateDict weights) {
  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  /** Finds a network's tensors in a file. */
  static WeightNames of(Network network, StateDict file) {
    StateDict translated = TimmNames.translated(network, file);
    String prefix = prefix(network.stateShapes(), translated);
    Map<String, Tensor> weights = behind(prefix, translated);
    renameClassifier(network.classifier(), weights);
    return new WeightNames(prefix, unfold(network, weights), new StateDict(weights));
  }

  /** The prefix of most of the network's names in a file. */
  private static String prefix(Map<String, long[]> shapes, StateDict file) {
    Map<String, Integer> found = new LinkedHashMap<>();
    found.put("", 0);
    for (Map.Entry<String, Tensor> entry : file.tensors().entrySet()) {
      String name = entry.getKey();
      for (int from = 0; from >= 0; from = name.indexOf('.', from) + 1) {
        long[] shape = shapes.get(name.substring(from));
        if (shape != null && Arrays.equals(shape, entry.getValue().shape())) {
          found.merge(name.substring(0, from), 1, Integer::sum);
        }
        if (name.indexOf('.', from) < 0) {
          break;
        }
      }
    }
    String best = "";
    for (Map.Entry<String, Integer> candidate : found.entrySet()) {
      if (candidate.getValue() > found.get(best)) {
        best = candidate.getKey();
      }
    }
    return best;
  }

  private static Map<String, Tensor> behind(String prefix, StateDict file) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(prefix)) {
                named.put(name.substring(prefix.length()), tensor);
              }
            });
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (!name.startsWith(prefix)) {
                named.putIfAbsent(name, tensor);
              }
            });
    return named;
  }

  /**
   * Renames a classifier that stands elsewhere in its module, as {@code fc.1} in place of {@code
   * fc} where dropout was put before it. There must be no other weights in that module.
   */
  private static void renameClassifier(Node.Linear classifier, Map<String, Tensor> weights) {
    String module = classifier.name().replaceFirst("\\..*", "") + ".";
    List<String> within = weights.keySet().stream().filter(n -> n.startsWith(module)).toList();
    List<String> moved =
        within.stream()
            .filter(name -> name.endsWith(WEIGHT))
            .filter(name -> readsFeatures(classifier, weights.get(name)))
            .map(name -> name.substring(0, name.length() - WEIGHT.length()))
            .filter(name -> within.size() == 2 && weights.containsKey(name + BIAS))
            .toList();
    for (String name : moved) {
      weights.put(classifier.name() + WEIGHT, weights.remove(name + WEIGHT));
      weights.put(classifier.name() + BIAS, weights.remove(name + BIAS));
    }
  }

  private static boolean readsFeatures(Node.Linear classifier, Tensor weight) {
    long[] shape = weight.shape();
    return shape.length == 2 && shape[1] == classifier.in();
  }

  /**
   * Gives convolutions that have a bias and no batch norm, as exporters and {@code fuse_modules}
   * leave them, the batch norm that is the identity but for that bias.
   */
  private static List<String> unfold(Network network, Map<String, Tensor> weights) {
    List<String> folded = new ArrayList<>();
    for (Node.Conv conv : network.convolutions()) {
      String norm = conv.norm().name() + ".";
      Tensor bias = weights.get(conv.name() + ".bias");
      boolean plain =
          bias != null
              && Arrays.equals(bias.shape(), new long[] {conv.outChannels()})
              && weights.keySet().stream().noneMatch(name -> name.startsWith(norm));
      if (plain) {
        folded.add(conv.name());
        weights.remove(conv.name() + ".bias");
        weights.put(norm + "weight", filled(conv.outChannels(), 1));
        weights.put(norm + "bias", bias);
        weights.put(norm + "running_mean", filled(conv.outChannels(), 0));
        weights.put(norm + "running_var", filled(conv.outChannels(), 1 - conv.norm().epsilon()));
      }
    }
    return folded;
  }

  private static Tensor filled(int channels, double value) {
    float[] values = new float[channels];
    Arrays.fill(values, (float) value);
    return Tensor.of(values, channels);
  }
}
