package dev.octavo.onnx;

import dev.octavo.tensor.DType;
import java.util.Arrays;
import java.util.Optional;

/** The numbers of element types, {@code TensorProto.DataType}. */
final class ElementTypes {
  private ElementTypes() {}

  static int of(DType dtype) {
    return switch (dtype) {
      case FLOAT32 -> 1;
      case UINT8 -> 2;
      case INT8 -> 3;
      case INT16 -> 5;
      case INT32 -> 6;
      case INT64 -> 7;
      case BOOL -> 9;
      case FLOAT16 -> 10;
      case FLOAT64 -> 11;
      case BFLOAT16 -> 16;
    };
  }

  /** The type of a number; empty for those that no tensor here has. */
  static Optional<DType> of(long number) {
    return Arrays.stream(DType.values()).filter(dtype -> of(dtype) == number).findFirst();
  }
}
