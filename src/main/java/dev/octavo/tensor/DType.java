package dev.octavo.tensor;

/** The element types of {@link Tensor}, with the names that PyTorch gives them. */
public enum DType {
  /** IEEE 754 binary32. */
  FLOAT32(4, "FloatStorage", "F32"),
  /** IEEE 754 binary64. */
  FLOAT64(8, "DoubleStorage", "F64"),
  /** IEEE 754 binary16. */
  FLOAT16(2, "HalfStorage", "F16"),
  /** The upper half of a binary32. */
  BFLOAT16(2, "BFloat16Storage", "BF16"),
  /** Unsigned 8-bit. */
  UINT8(1, "ByteStorage", "U8"),
  /** Signed 8-bit. */
  INT8(1, "CharStorage", "I8"),
  /** Signed 16-bit. */
  INT16(2, "ShortStorage", "I16"),
  /** Signed 32-bit. */
  INT32(4, "IntStorage", "I32"),
  /** Signed 64-bit. */
  INT64(8, "LongStorage", "I64"),
  /** One byte, 0 or 1. */
  BOOL(1, "BoolStorage", "BOOL");

  private final int bytes;
  private final String torchStorage;
  private final String safetensors;

  DType(int bytes, String torchStorage, String safetensors) {
    this.bytes = bytes;
    this.torchStorage = torchStorage;
    this.safetensors = safetensors;
  }

  /** Returns whether elements are floating-point numbers. */
  public boolean isFloatingPoint() {
    return switch (this) {
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
      case UINT8, INT8, INT16, INT32, INT64, BOOL -> false;
    };
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** The storage class in module {@code torch} that a pickle names, as in {@code FloatStorage}. */
  public String torchStorage() {
    return torchStorage;
  }

  /** The name in a safetensors header, as in {@code F32}. */
  public String safetensors() {
    return safetensors;
  }
}
