package dev.octavo.onnx;

import dev.octavo.onnx.OnnxGraph.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * A model as who runs it sees it.
 *
 * @param graph without initializers
 * @param dataFiles names of the files beside it that hold its weights; none if it has them itself
 */
public record OnnxInterface(OnnxGraph graph, Set<String> dataFiles) {
  /** Operators that hand numbers on as they are. */
  private static final Set<String> NEUTRAL =
      Set.of("Identity", "Cast", "Reshape", "Flatten", "Squeeze");

  /** Copies the set. */
  public OnnxInterface {
    dataFiles = Set.copyOf(dataFiles);
  }

  /** Returns whether the first output is a softmax: probabilities, not logits. */
  public boolean endsInSoftmax() {
    Map<String, Node> producers = new HashMap<>();
    for (Node node : graph.nodes()) {
      node.outputs().forEach(output -> producers.put(output, node));
    }
    if (graph.outputs().isEmpty()) {
      return false;
    }
    Set<Node> seen = new HashSet<>();
    Node node = producers.get(graph.outputs().get(0).name());
    while (node != null && seen.add(node) && NEUTRAL.contains(node.operator())) {
      node = node.inputs().isEmpty() ? null : producers.get(node.inputs().get(0));
    }
    return node != null && node.operator().equals("Softmax");
  }
}
