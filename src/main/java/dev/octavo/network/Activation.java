package dev.octavo.network;

import java.util.Locale;

/** A function that is applied to each element after a convolution or an addition. */
public enum Activation {
  /** The identity. */
  NONE,
  /** {@code max(x, 0)}. */
  RELU,
  /** {@code min(max(x, 0), 6)}. */
  RELU6,
  /** {@code x * relu6(x + 3) / 6}. */
  HARDSWISH,
  /** {@code x * sigmoid(x)}, also known as swish. */
  SILU;

  /** As in messages: {@code relu6}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns whether no value is below 0. */
  public boolean isNonNegative() {
    return this == RELU || this == RELU6;
  }

  /**
   * Returns whether {@code f(s * x) = s * f(x)} for each positive {@code s}, so that a channel's
   * scale can be moved through it.
   */
  public boolean isHomogeneous() {
    return this == NONE || this == RELU;
  }

  /** The value for one element. */
  public double apply(double x) {
    return switch (this) {
      case NONE -> x;
      case RELU -> Math.max(x, 0);
      case RELU6 -> Math.min(Math.max(x, 0), 6);
      case HARDSWISH -> x * RELU6.apply(x + 3) / 6;
      case SILU -> x / (1 + Math.exp(-x));
    };
  }
}
