package dev.octavo.onnx;

/** The numbers of the fields that are read or written, as {@code onnx.proto} has them. */
final class Fields {
  /** {@code ModelProto}. */
  static final class Model {
    static final int IR_VERSION = 1;
    static final int PRODUCER_NAME = 2;
    static final int PRODUCER_VERSION = 3;
    static final int GRAPH = 7;
    static final int OPSET_IMPORT = 8;
    static final int METADATA = 14;

    private Model() {}
  }

  /** {@code OperatorSetIdProto}. */
  static final class Opset {
    static final int DOMAIN = 1;
    static final int VERSION = 2;

    private Opset() {}
  }

  /** {@code StringStringEntryProto}. */
  static final class Entry {
    static final int KEY = 1;
    static final int VALUE = 2;

    private Entry() {}
  }

  /** {@code GraphProto}. */
  static final class Graph {
    static final int NODE = 1;
    static final int NAME = 2;
    static final int INITIALIZER = 5;
    static final int INPUT = 11;
    static final int OUTPUT = 12;

    private Graph() {}
  }

  /** {@code NodeProto}. */
  static final class Node {
    static final int INPUT = 1;
    static final int OUTPUT = 2;
    static final int NAME = 3;
    static final int OP_TYPE = 4;
    static final int ATTRIBUTE = 5;

    private Node() {}
  }

  /** {@code AttributeProto}. */
  static final class Attribute {
    static final int NAME = 1;
    static final int FLOAT = 2;
    static final int INT = 3;
    static final int INTS = 8;
    static final int TYPE = 20;

    private Attribute() {}
  }

  /** {@code TensorProto}. */
  static final class Tensor {
    static final int DIMS = 1;
    static final int DATA_TYPE = 2;
    static final int FLOAT_DATA = 4;
    static final int INT32_DATA = 5;
    static final int INT64_DATA = 7;
    static final int NAME = 8;
    static final int RAW_DATA = 9;
    static final int DOUBLE_DATA = 10;
    static final int EXTERNAL_DATA = 13;
    static final int DATA_LOCATION = 14;

    private Tensor() {}
  }

  /** {@code ValueInfoProto}, and {@code TypeProto} and {@code TensorShapeProto} within it. */
  static final class Value {
    static final int NAME = 1;
    static final int TYPE = 2;
    static final int TENSOR_TYPE = 1;
    static final int ELEMENT_TYPE = 1;
    static final int SHAPE = 2;
    static final int DIMENSION = 1;
    static final int DIMENSION_VALUE = 1;
    static final int DIMENSION_NAME = 2;

    private Value() {}
  }

  private Fields() {}
}
