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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/** Reads the graph of an ONNX file; what attributes, functions and documentation say is not. */
public final class OnnxReader {
  /** One array holds the file: larger models have their weights in another one. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

  /** The version of the format comes first in all files of known producers. */
  private static final int FIRST_TAG = Fields.Model.IR_VERSION << 3;

  private static final int LATEST_IR_VERSION = 64;

  /** The other name of the domain of ONNX's own operators, which is mostly left empty. */
  private static final String OWN_DOMAIN = "ai.onnx";

  private final ExternalData external;
  private final Weights weights;
  private final Set<String> names = new HashSet<>();
  private final Set<String> dataFiles = new HashSet<>();
  private long opset;
  private final List<OnnxGraph.Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> initializers = new LinkedHashMap<>();
  private final List<OnnxGraph.Value> inputs = new ArrayList<>();
  private final List<OnnxGraph.Value> outputs = new ArrayList<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /** The treatment of the values of initializers. */
  private enum Weights {
    READ,
    LEFT_OUT
  }

  private OnnxReader(Path file, Weights weights) {
    this.external = new ExternalData(file);
    this.weights = weights;
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
    return new OnnxReader(file, Weights.READ).graph(file);
  }

  /**
   * Reads a model from the local file system without its weights.
   *
   * @throws MalformedFileException if it is damaged, or is no ONNX file
   */
  public static OnnxInterface readInterface(Path file) throws IOException {
    OnnxReader reader = new OnnxReader(file, Weights.LEFT_OUT);
    return new OnnxInterface(reader.graph(file), reader.dataFiles);
  }

  private OnnxGraph graph(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new MalformedFileException("it has more than 2 GiB, which no ONNX file has");
    }
    model(new ProtobufReader(ByteBuffer.wrap(Files.readAllBytes(file))));
    inputs.removeIf(input -> names.contains(input.name()));
    return new OnnxGraph(opset, nodes, initializers, inputs, outputs, metadata);
  }

  private void model(ProtobufReader message) throws IOException {
    boolean hasGraph = false;
    while (message.next()) {
      if (message.field() == Fields.Model.GRAPH) {
        hasGraph = true;
        graph(message.message());
      } else if (message.field() == Fields.Model.METADATA) {
        entry(message.message(), metadata);
      } else if (message.field() == Fields.Model.OPSET_IMPORT) {
        opset(message.message());
      }
    }
    if (!hasGraph) {
      throw new MalformedFileException("it is no ONNX file: it has no graph (truncated?)");
    }
  }

  private void opset(ProtobufReader message) {
    String domain = "";
    long version = 0;
    while (message.next()) {
      if (message.field() == Fields.Opset.DOMAIN) {
        domain = message.text();
      } else if (message.field() == Fields.Opset.VERSION) {
        version = message.integer();
      }
    }
    if (domain.isEmpty() || domain.equals(OWN_DOMAIN)) {
      opset = version;
    }
  }

  private void graph(ProtobufReader message) throws IOException {
    while (message.next()) {
      switch (message.field()) {
        case Fields.Graph.NODE -> nodes.add(node(message.message()));
        case Fields.Graph.INITIALIZER -> initializer(message.message());
        case Fields.Graph.INPUT -> inputs.add(value(message.message()));
        case Fields.Graph.OUTPUT -> outputs.add(value(message.message()));
        default -> {}
      }
    }
  }

  private void initializer(ProtobufReader message) throws IOException {
    TensorParser tensor = TensorParser.parse(message);
    if (!names.add(tensor.name())) {
      throw new MalformedFileException("it has two initializers '%s'".formatted(tensor.name()));
    }
    if (weights == Weights.READ) {
      initializers.put(tensor.name(), tensor.tensor(external));
    } else {
      tensor.dataFile().ifPresent(dataFiles::add);
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
