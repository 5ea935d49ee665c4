package dev.octavo.program;

import java.util.Locale;

/** The arithmetic of a program's convolutions. Classifier and logits are float32 in all. */
public enum Precision {
  /** float32 by plain operators, wherever torch runs: what the bundle of a float model holds. */
  PORTABLE,
  /** float32. */
  FP32,
  /** bfloat16, with sums in float32. */
  BF16,
  /**
   * int8, with sums in int32: what the bundle of a quantized model holds, and its only precision.
   */
  INT8;

  /** The name on the command line and in tables, as in {@code fp32}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** This one, for a program that has float weights and is fused or trains. */
  Precision requireFp32OrBf16() {
    if (this != FP32 && this != BF16) {
      throw new IllegalArgumentException("such a program computes in fp32 or bf16, not " + id());
    }
    return this;
  }
}
