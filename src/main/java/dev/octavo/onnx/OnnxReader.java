package dev.octavo.onnx;

import dev.octavo.protobuf.ProtobufReader;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Reads the graph of an ONNX file; what attributes, functions and documentation say is not. */
public final class OnnxReader {
  /** One array holds the file: larger models have their weights in another one. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

  /** The version of the format comes first in all files of known producers. */
  private static final int FIRST_TAG = Fields.Model.IR_VERSION << 3;

  private static final int LATEST_IR_VERSION = 64;

  private final ExternalData external;
  private final List<OnnxGraph.Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> initializers = new LinkedHashMap<>();
  private final List<OnnxGraph.Value> inputs = new ArrayList<>();
  private final List<OnnxGraph.Value> outputs = new ArrayList<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  private OnnxReader(Path file) {
    this.external = new ExternalData(file);
  }

  /** Returns whether a file that starts with these bytes can be ONNX. */
  public static boolean canRead(ByteBuffer start) {
    return start.remaining() > 2
        && start.get(0) == FIRST_TAG
        && start.get(1) > 0
        && start.get(1) < LATEST_IR_VERSION;
  }

  /**
   * Reads a model from the local file system.
   *
   * @throws MalformedFileException if it is damaged, or is no ONNX file
   */
  public static OnnxGraph read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new MalformedFileException("it has more than 2 GiB, which no ONNX file has");
    }
    OnnxReader reader = new OnnxReader(file);
    reader.model(new ProtobufReader(ByteBuffer.wrap(Files.readAllBytes(file))));
    reader.inputs.removeIf(input -> reader.initializers.containsKey(input.name()));
    return new OnnxGraph(
        reader.nodes, reader.initializers, reader.inputs, reader.outputs, reader.metadata);
  }

  private void model(ProtobufReader message) throws IOException {
    boolean hasGraph = false;
    while (message.next()) {
      if (message.field() == Fields.Model.GRAPH) {
        hasGraph = true;
        graph(message.message());
      } else if (message.field() == Fields.Model.METADATA) {
        entry(message.message(), metadata);
      }
    }
    if (!hasGraph) {
      throw new MalformedFileException("it is no ONNX file: it has no graph (truncated?)");
    }
  }

  private void graph(ProtobufReader message) throws IOException {
    while (message.next()) {
      switch (message.field()) {
        case Fields.Graph.NODE -> nodes.add(node(message.message()));
        case Fields.Graph.INITIALIZER ->
            TensorParser.parse(message.message(), external, initializers);
        case Fields.Graph.INPUT -> inputs.add(value(message.message()));
        case Fields.Graph.OUTPUT -> outputs.add(value(message.message()));
        default -> {}
      }
    }
  }

  private static OnnxGraph.Node node(ProtobufReader message) {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String name = "";
    String operator = "";
    while (message.next()) {
      switch (message.field()) {
        case Fields.Node.INPUT -> inputs.add(name(message));
        case Fields.Node.OUTPUT -> outputs.add(name(message));
        case Fields.Node.NAME -> name = name(message);
        case Fields.Node.OP_TYPE -> operator = name(message);
        default -> {}
      }
    }
    return new OnnxGraph.Node(operator, name, inputs, outputs);
  }

  private static String name(ProtobufReader message) {
    return TensorNames.checked(message.text());
  }

  /** Adds an entry of two strings to those that were read before. */
  static void entry(ProtobufReader message, Map<String, String> entries) {
    String key = "";
    String value = "";
    while (message.next()) {
      if (message.field() == Fields.Entry.KEY) {
        key = message.text();
      } else if (message.field() == Fields.Entry.VALUE) {
        value = message.text();
      }
    }
    entries.put(key, value);
  }

  private static OnnxGraph.Value value(ProtobufReader message) {
    String name = "";
    Optional<DType> dtype = Optional.empty();
    LongStream.Builder shape = LongStream.builder();
    while (message.next()) {
      if (message.field() == Fields.Value.NAME) {
        name = name(message);
      } else if (message.field() == Fields.Value.TYPE) {
        ProtobufReader type = message.message();
        while (type.next()) {
          if (type.field() == Fields.Value.TENSOR_TYPE) {
            dtype = tensorType(type.message(), shape);
          }
        }
      }
    }
    return new OnnxGraph.Value(name, dtype, shape.build().toArray());
  }

  private static Optional<DType> tensorType(ProtobufReader message, LongStream.Builder shape) {
    Optional<DType> dtype = Optional.empty();
    while (message.next()) {
      if (message.field() == Fields.Value.ELEMENT_TYPE) {
        dtype = ElementTypes.of(message.integer());
      } else if (message.field() == Fields.Value.SHAPE) {
        ProtobufReader dimensions = message.message();
        while (dimensions.next()) {
          if (dimensions.field() == Fields.Value.DIMENSION) {
            shape.add(size(dimensions.message()));
          }
        }
      }
    }
    return dtype;
  }

  private static long size(ProtobufReader message) {
    long size = OnnxGraph.ANY;
    while (message.next()) {
      if (message.field() == Fields.Value.DIMENSION_VALUE) {
        size = message.integer();
      }
    }
    return size;
  }
}
