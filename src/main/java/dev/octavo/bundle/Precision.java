package dev.octavo.bundle;

import java.util.Locale;

/** The programs that a bundle can be run as. */
public enum Precision {
  /** Plain operators, float32: what the bundle of a float model holds. */
  PORTABLE,
  /** Fused, float32. */
  FP32,
  /** Fused, bfloat16. */
  BF16,
  /** Fused, int8: what the bundle of a quantized model holds, and its only precision. */
  INT8;

  /** The name on the command line and in tables, as in {@code fp32}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
