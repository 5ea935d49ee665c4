package dev.octavo.program;

/**
 * The types of tensors as TorchScript's source numbers them: those of ATen's {@code ScalarType}, by
 * its names.
 */
final class ScalarType {
  static final int BYTE = 0;
  static final int INT = 3;
  static final int LONG = 4;
  static final int FLOAT = 6;
  static final int DOUBLE = 7;
  static final int QUINT8 = 13;
  static final int BFLOAT16 = 15;

  private ScalarType() {}
}
