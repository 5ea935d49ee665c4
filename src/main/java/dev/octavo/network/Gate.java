package dev.octavo.network;

/** A function to the numbers from 0 to 1, by which channels are multiplied. */
public enum Gate {
  /** {@code 1 / (1 + exp(-x))}. */
  SIGMOID,
  /** {@code relu6(x + 3) / 6}. */
  HARDSIGMOID;

  /** The value for one element. */
  public double apply(double x) {
    return switch (this) {
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case HARDSIGMOID -> Activation.RELU6.apply(x + 3) / 6;
    };
  }
}
