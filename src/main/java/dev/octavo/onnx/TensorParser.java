package dev.octavo.onnx;

import dev.octavo.protobuf.ProtobufReader;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.MalformedFileException;
import dev.octavo.tensor.Tensor;
import dev.octavo.tensor.TensorNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Reads one {@code TensorProto}: its values stand in one of several fields, or in another file. */
final class TensorParser {
  private static final int EXTERNAL = 1;

  private final LongStream.Builder shape = LongStream.builder();
  private final LongStream.Builder integers = LongStream.builder();
  private final Map<String, String> externalData = new LinkedHashMap<>();
  private String name = "";
  private long type;
  private boolean isExternal;
  private ByteBuffer raw;
  private ByteBuffer typed;
  private int integerField;

  private TensorParser() {}

  /** Reads all but the values. */
  static TensorParser parse(ProtobufReader message) {
    TensorParser parser = new TensorParser();
    while (message.next()) {
      parser.field(message);
    }
    return parser;
  }

  /** The tensor's name. */
  String name() {
    return name;
  }

  /** The name of the file beside the model that has the values; empty if the model has them. */
  Optional<String> dataFile() {
    return isExternal ? Optional.of(ExternalData.location(name, externalData)) : Optional.empty();
  }

  private void field(ProtobufReader message) {
    switch (message.field()) {
      case Fields.Tensor.DIMS -> message.integers(shape::add);
      case Fields.Tensor.DATA_TYPE -> type = message.integer();
      case Fields.Tensor.NAME -> name = TensorNames.checked(message.text());
      case Fields.Tensor.RAW_DATA -> raw = message.bytes();
      case Fields.Tensor.FLOAT_DATA, Fields.Tensor.DOUBLE_DATA -> typed = message.bytes();
      case Fields.Tensor.INT32_DATA, Fields.Tensor.INT64_DATA -> {
        integerField = message.field();
        message.integers(integers::add);
      }
      case Fields.Tensor.EXTERNAL_DATA -> OnnxReader.entry(message.message(), externalData);
      case Fields.Tensor.DATA_LOCATION -> isExternal = message.integer() == EXTERNAL;
      default -> {}
    }
  }

  /**
   * The tensor with its values.
   *
   * @param external the files beside the model
   */
  Tensor tensor(ExternalData external) throws IOException {
    DType dtype =
        ElementTypes.of(type)
            .orElseThrow(
                () ->
                    new MalformedFileException(
                        "initializer '%s' has elements of type %d, which is not supported"
                            .formatted(name, type)));
    long[] sizes = shape.build().toArray();
    ByteBuffer data = isExternal ? external.read(name, externalData) : values(dtype);
    long bytes;
    try {
      bytes = Math.multiplyExact(Tensor.elements(sizes), (long) dtype.bytes());
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new MalformedFileException(
          "initializer '%s' has the shape %s".formatted(name, Arrays.toString(sizes)), e);
    }
    if (data.remaining() != bytes) {
      throw new MalformedFileException(
          "initializer '%s' is %s%s, which takes %d bytes, but has %d"
              .formatted(name, dtype, Arrays.toString(sizes), bytes, data.remaining()));
    }
    return Tensor.of(dtype, sizes, data);
  }

  private ByteBuffer values(DType dtype) {
    if (raw != null) {
      return raw;
    }
    if (typed != null) {
      return typed;
    }
    if (integerField == 0) {
      return ByteBuffer.allocate(0); // a tensor without elements
    }
    long[] values = integers.build().toArray();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.bytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      switch (dtype.bytes()) {
        case 1 -> bytes.put((byte) value);
        case 2 -> bytes.putShort((short) value);
        case 4 -> bytes.putInt((int) value);
        default -> bytes.putLong(value);
      }
    }
    return bytes.flip();
  }
}
