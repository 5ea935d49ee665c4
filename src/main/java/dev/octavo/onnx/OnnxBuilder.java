package dev.octavo.onnx;

import dev.octavo.protobuf.ProtobufMessage;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An ONNX model in the making: opset 17, which ONNX Runtime reads from 1.12 on. Nodes are added in
 * the order in which they compute.
 */
public final class OnnxBuilder {
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

  private final String producerVersion;
  private final ProtobufMessage graph = new ProtobufMessage();
  private final ProtobufMessage metadata = new ProtobufMessage();
  private final Set<String> values = new HashSet<>();

  /**
   * An attribute of a node.
   *
   * @param name as the operator has it
   * @param message that holds it
   */
  public record Attribute(String name, ProtobufMessage message) {
    private static final int TYPE_FLOAT = 1;
    private static final int TYPE_INT = 2;
    private static final int TYPE_INTS = 7;

    private static ProtobufMessage typed(String name, int type) {
      return new ProtobufMessage()
          .text(Fields.Attribute.NAME, name)
          .integer(Fields.Attribute.TYPE, type);
    }

    /** A number. */
    public static Attribute of(String name, float value) {
      return new Attribute(name, typed(name, TYPE_FLOAT).float32(Fields.Attribute.FLOAT, value));
    }

    /** A whole number. */
    public static Attribute of(String name, int value) {
      return new Attribute(name, typed(name, TYPE_INT).integer(Fields.Attribute.INT, value));
    }

    /** Whole numbers. */
    public static Attribute list(String name, int... values) {
      ProtobufMessage message = typed(name, TYPE_INTS);
      for (int value : values) {
        message.integer(Fields.Attribute.INTS, value);
      }
      return new Attribute(name, message);
    }
  }

  /**
   * An empty model.
   *
   * @param name of its graph
   * @param producerVersion Octavo's
   */
  public OnnxBuilder(String name, String producerVersion) {
    this.producerVersion = producerVersion;
    graph.text(Fields.Graph.NAME, name);
  }

  /**
   * Declares an input.
   *
   * @param batch the name of the first dimension, which isn't fixed
   * @param shape the other dimensions
   */
  public void input(String name, DType dtype, String batch, int... shape) {
    define(name);
    graph.message(Fields.Graph.INPUT, value(name, dtype, batch, shape));
  }

  /** Declares an output, as {@link #input}. */
  public void output(String name, DType dtype, String batch, int... shape) {
    if (!values.contains(name)) {
      throw new IllegalArgumentException("nothing computes the output " + name);
    }
    graph.message(Fields.Graph.OUTPUT, value(name, dtype, batch, shape));
  }

  /** Adds a constant, which must stay as it is until the model is written; returns its name. */
  public String initializer(String name, Tensor tensor) {
    define(name);
    ProtobufMessage message = new ProtobufMessage();
    for (long size : tensor.shape()) {
      message.integer(Fields.Tensor.DIMS, size);
    }
    message
        .integer(Fields.Tensor.DATA_TYPE, ElementTypes.of(tensor.dtype()))
        .text(Fields.Tensor.NAME, name)
        .bytes(Fields.Tensor.RAW_DATA, tensor.bytes());
    graph.message(Fields.Graph.INITIALIZER, message);
    return name;
  }

  /**
   * Adds an operation with one output.
   *
   * @param operator as in {@code Conv}
   * @param output the name of what it computes, and of the node
   * @param inputs names of what was added before
   * @return the output
   */
  public String node(String operator, String output, List<String> inputs, Attribute... attributes) {
    nodes(operator, List.of(output), inputs, attributes);
    return output;
  }

  /** Adds an operation with several outputs, called after the first. */
  public void nodes(
      String operator, List<String> outputs, List<String> inputs, Attribute... attributes) {
    ProtobufMessage message = new ProtobufMessage();
    for (String input : inputs) {
      if (!values.contains(input)) {
        throw new IllegalArgumentException("nothing computes %s's %s".formatted(outputs, input));
      }
      message.text(Fields.Node.INPUT, input);
    }
    for (String output : outputs) {
      define(output);
      message.text(Fields.Node.OUTPUT, output);
    }
    message.text(Fields.Node.NAME, outputs.get(0)).text(Fields.Node.OP_TYPE, operator);
    for (Attribute attribute : attributes) {
      message.message(Fields.Node.ATTRIBUTE, attribute.message());
    }
    graph.message(Fields.Graph.NODE, message);
  }

  /** Adds an entry for whoever reads the model. */
  public void metadata(String key, String value) {
    metadata.message(
        Fields.Model.METADATA,
        new ProtobufMessage().text(Fields.Entry.KEY, key).text(Fields.Entry.VALUE, value));
  }

  /** Writes the model; doesn't close the stream. */
  public void writeTo(OutputStream out) throws IOException {
    new ProtobufMessage()
        .integer(Fields.Model.IR_VERSION, IR_VERSION)
        .text(Fields.Model.PRODUCER_NAME, "octavo")
        .text(Fields.Model.PRODUCER_VERSION, producerVersion)
        .message(Fields.Model.GRAPH, graph)
        .message(
            Fields.Model.OPSET_IMPORT,
            new ProtobufMessage()
                .text(Fields.Opset.DOMAIN, "")
                .integer(Fields.Opset.VERSION, OPSET))
        .writeTo(out);
    metadata.writeTo(out);
  }

  private void define(String name) {
    if (!values.add(name)) {
      throw new IllegalArgumentException("there are two values " + name);
    }
  }

  private static ProtobufMessage value(String name, DType dtype, String batch, int... shape) {
    ProtobufMessage dimensions = new ProtobufMessage();
    dimensions.message(
        Fields.Value.DIMENSION, new ProtobufMessage().text(Fields.Value.DIMENSION_NAME, batch));
    for (int size : shape) {
      dimensions.message(
          Fields.Value.DIMENSION,
          new ProtobufMessage().integer(Fields.Value.DIMENSION_VALUE, size));
    }
    ProtobufMessage tensorType =
        new ProtobufMessage()
            .integer(Fields.Value.ELEMENT_TYPE, ElementTypes.of(dtype))
            .message(Fields.Value.SHAPE, dimensions);
    return new ProtobufMessage()
        .text(Fields.Value.NAME, name)
        .message(
            Fields.Value.TYPE, new ProtobufMessage().message(Fields.Value.TENSOR_TYPE, tensorType));
  }
}
