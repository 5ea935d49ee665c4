package dev.octavo.quantize;

/** The rounding of weights to codes, as a user names it. */
public enum Rounding {
  /** Each weight to the nearest code. */
  NEAREST,
  /** Errors compensate each other: {@link Refinement#GPTQ}. */
  GPTQ
}
