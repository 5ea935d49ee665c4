package dev.octavo.onnx;

import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A model as far as it is read.
 *
 * @param opset the version of ONNX's own operators; 0 if the model names none
 * @param nodes the operations, each after those that it reads
 * @param initializers constant tensors by name, in the file's order
 * @param inputs what a caller gives; initializers aren't among them
 * @param outputs what comes out
 * @param metadata what the producer wrote, by key
 */
public record OnnxGraph(
    long opset,
    List<Node> nodes,
    Map<String, Tensor> initializers,
    List<Value> inputs,
    List<Value> outputs,
    Map<String, String> metadata) {
  /** The size of a dimension that isn't fixed, such as the batch. */
  public static final long ANY = -1;

  private static final Set<String> QUANTIZED =
      Set.of(
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear",
          "QLinearConv",
          "ConvInteger",
          "MatMulInteger");

  /** Copies the lists and maps. */
  public OnnxGraph {
    nodes = List.copyOf(nodes);
    initializers = Collections.unmodifiableMap(new LinkedHashMap<>(initializers));
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    metadata = Map.copyOf(metadata);
  }

  /** The first operator that computes with integer codes, if there is one. */
  public Optional<String> quantizedOperator() {
    return nodes.stream().map(Node::operator).filter(QUANTIZED::contains).findFirst();
  }

  /**
   * An operation.
   *
   * @param operator as in {@code Conv}
   * @param name as in {@code /layer1/layer1.0/conv1/Conv}; may be empty
   * @param inputs names of the values that it reads; empty for those left out
   * @param outputs names of the values that it computes
   */
  public record Node(String operator, String name, List<String> inputs, List<String> outputs) {
    /** Copies the lists. */
    public Node {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
    }
  }

  /**
   * An input or output.
   *
   * @param name of the value
   * @param dtype of its elements; empty if it is none that tensors here have
   * @param shape with {@link #ANY} for dimensions that aren't fixed
   */
  public record Value(String name, Optional<DType> dtype, long[] shape) {
    /** As in {@code FLOAT32[N, 3, 224, 224]}. */
    @Override
    public String toString() {
      return dtype.map(DType::name).orElse("?")
          + Arrays.stream(shape)
              .mapToObj(size -> size == ANY ? "N" : String.valueOf(size))
              .collect(Collectors.joining(", ", "[", "]"));
    }
  }
}
