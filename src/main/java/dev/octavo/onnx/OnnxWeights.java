package dev.octavo.onnx;

import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The state dict that an ONNX model was exported from.
 *
 * <p>Exporters keep the names of a module's parameters, {@code layer1.0.conv1.weight}, unless they
 * fold batch norm into a convolution. PyTorch then calls the tensors {@code onnx::Conv_193}, but
 * keeps the module in the node's name: {@code /layer1/layer1.0/conv1/Conv}. A bias of zeros may be
 * left out.
 */
public final class OnnxWeights {
  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";

  /** Operators whose second and third inputs are weight and bias. */
  private static final Set<String> AFFINE = Set.of("Conv", "Gemm");

  private final OnnxGraph graph;
  private final Map<String, Tensor> tensors;
  private final Map<String, Tensor> renamed = new LinkedHashMap<>();
  private final Set<String> used = new HashSet<>();

  private OnnxWeights(OnnxGraph graph) {
    this.graph = graph;
    this.tensors = new LinkedHashMap<>(graph.initializers());
  }

  /**
   * The tensors under the names of the module that was exported; what it calls otherwise keeps its
   * name.
   *
   * @throws MalformedFileException if the model is quantized
   */
  public static StateDict stateDict(OnnxGraph graph) {
    return new OnnxWeights(graph).stateDict();
  }

  private StateDict stateDict() {
    graph
        .quantizedOperator()
        .ifPresent(
            operator -> {
              throw new MalformedFileException(
                  "it is a quantized model (it has a %s): take the floating-point model that it was made from"
                      .formatted(operator));
            });
    for (OnnxGraph.Node node : graph.nodes()) {
      if (node.operator().equals("Identity")
          && node.inputs().size() == 1
          && node.outputs().size() == 1) {
        shareTensor(node);
      }
    }
    Set<String> normalized =
        graph.nodes().stream()
            .filter(node -> node.operator().equals("BatchNormalization"))
            .map(node -> node.inputs().get(0))
            .collect(Collectors.toSet());
    for (OnnxGraph.Node node : graph.nodes()) {
      if (AFFINE.contains(node.operator()) && node.inputs().size() > 1) {
        nameByModule(node, Collections.disjoint(normalized, node.outputs()));
      }
    }
    tensors.keySet().removeAll(used);
    tensors.values().removeIf(tensor -> !tensor.dtype().isFloatingPoint()); // shapes and axes
    tensors.putAll(renamed);
    return new StateDict(tensors);
  }

  /** Equal tensors stand in a file once; the others are an identity of that one. */
  private void shareTensor(OnnxGraph.Node node) {
    Tensor shared = tensors.get(node.inputs().get(0));
    if (shared != null) {
      tensors.put(node.outputs().get(0), shared);
    }
  }

  /**
   * Names weight and bias.
   *
   * @param complete whether a bias that the node lacks is zero, as no batch norm follows
   */
  private void nameByModule(OnnxGraph.Node node, boolean complete) {
    String weight = node.inputs().get(1);
    Optional<String> module =
        weight.endsWith(WEIGHT)
            ? Optional.of(weight.substring(0, weight.length() - WEIGHT.length()))
            : module(node.name());
    if (module.isPresent()) {
      rename(weight, module.get() + WEIGHT);
      if (node.inputs().size() > 2) {
        rename(node.inputs().get(2), module.get() + BIAS);
      } else if (complete && tensors.containsKey(weight)) {
        int outputs = (int) tensors.get(weight).shape()[0];
        renamed.put(module.get() + BIAS, Tensor.of(new float[outputs], outputs));
      }
    }
  }

  private void rename(String from, String to) {
    Tensor tensor = tensors.get(from);
    if (tensor != null && !from.equals(to)) {
      used.add(from);
      renamed.put(to, tensor);
    }
  }

  /**
   * The module that a node's name tells: {@code layer1.0.conv1} of {@code
   * /layer1/layer1.0/conv1/Conv}, where the scope of a member of a container begins with the
   * container's own.
   */
  static Optional<String> module(String nodeName) {
    List<String> scopes = List.of(nodeName.split("/", -1));
    if (scopes.size() < 3 || !scopes.get(0).isEmpty()) {
      return Optional.empty();
    }
    StringBuilder module = new StringBuilder();
    String container = "";
    for (String scope : scopes.subList(1, scopes.size() - 1)) {
      if (!container.isEmpty() && scope.startsWith(container + ".")) {
        module.setLength(module.length() - container.length());
      } else if (module.length() > 0) {
        module.append('.');
      }
      module.append(scope);
      container = scope;
    }
    return Optional.of(module.toString());
  }
}
