package dev.octavo.onnx;

import dev.octavo.onnx.OnnxBuilder.Attribute;
import dev.octavo.protobuf.ProtobufMessage;
import dev.octavo.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * ONNX files by hand, as other programs could write them, whose logits are the means of red, green
 * and blue over the image.
 *
 * @param dtype of the input
 * @param input its shape, 0 for what isn't fixed
 * @param classes the second dimension of the output, 0 if it isn't fixed
 * @param softmax whether it gives probabilities
 * @param opset of the operators
 */
public record ChannelMeans(
    DType dtype, List<Integer> input, int classes, boolean softmax, int opset) {
  private static final int OPSET = 13;
  private static final int FLOAT = 1;

  /** Logits of a model with that input. */
  public static ChannelMeans of(DType dtype, Integer... input) {
    return new ChannelMeans(dtype, List.of(input), 3, false, OPSET);
  }

  /** The same with probabilities in place of logits. */
  public ChannelMeans withSoftmax() {
    return new ChannelMeans(dtype, input, classes, true, opset);
  }

  /** The same with another second dimension of the output. */
  public ChannelMeans withClasses(int declared) {
    return new ChannelMeans(dtype, input, declared, softmax, opset);
  }

  /** The same with another version of the operators. */
  public ChannelMeans withOpset(int version) {
    return new ChannelMeans(dtype, input, classes, softmax, version);
  }

  /** Writes it with such metadata. */
  public Path write(Path file, Map<String, String> metadata) throws IOException {
    ProtobufMessage graph = new ProtobufMessage().text(Fields.Graph.NAME, "means");
    String value = "pixels";
    value = node(graph, "Cast", value, "reals", Attribute.of("to", FLOAT));
    if (input.get(input.size() - 1) == 3) {
      value = node(graph, "Transpose", value, "planes", Attribute.list("perm", 0, 3, 1, 2));
    }
    value = node(graph, "GlobalAveragePool", value, "means");
    if (softmax) {
      value = node(graph, "Softmax", value, "probabilities", Attribute.of("axis", 1));
    }
    node(graph, "Flatten", value, "answer");
    graph.message(Fields.Graph.INPUT, value("pixels", dtype, input));
    graph.message(Fields.Graph.OUTPUT, value("answer", DType.FLOAT32, List.of(0, classes)));
    ProtobufMessage model =
        new ProtobufMessage()
            .integer(Fields.Model.IR_VERSION, 8)
            .message(Fields.Model.GRAPH, graph)
            .message(
                Fields.Model.OPSET_IMPORT,
                new ProtobufMessage().integer(Fields.Opset.VERSION, opset));
    metadata.forEach(
        (key, text) ->
            model.message(
                Fields.Model.METADATA,
                new ProtobufMessage().text(Fields.Entry.KEY, key).text(Fields.Entry.VALUE, text)));
    return Files.write(file, model.toBytes());
  }

  private static String node(
      ProtobufMessage graph, String operator, String from, String to, Attribute... attributes) {
    ProtobufMessage node =
        new ProtobufMessage()
            .text(Fields.Node.INPUT, from)
            .text(Fields.Node.OUTPUT, to)
            .text(Fields.Node.OP_TYPE, operator);
    for (Attribute attribute : attributes) {
      node.message(Fields.Node.ATTRIBUTE, attribute.message());
    }
    graph.message(Fields.Graph.NODE, node);
    return to;
  }

  private static ProtobufMessage value(String name, DType dtype, List<Integer> shape) {
    ProtobufMessage dimensions = new ProtobufMessage();
    for (int i = 0; i < shape.size(); i++) {
      dimensions.message(
          Fields.Value.DIMENSION,
          shape.get(i) == 0
              ? new ProtobufMessage().text(Fields.Value.DIMENSION_NAME, "d" + i)
              : new ProtobufMessage().integer(Fields.Value.DIMENSION_VALUE, shape.get(i)));
    }
    return new ProtobufMessage()
        .text(Fields.Value.NAME, name)
        .message(
            Fields.Value.TYPE,
            new ProtobufMessage()
                .message(
                    Fields.Value.TENSOR_TYPE,
                    new ProtobufMessage()
                        .integer(Fields.Value.ELEMENT_TYPE, ElementTypes.of(dtype))
                        .message(Fields.Value.SHAPE, dimensions)));
  }
}
