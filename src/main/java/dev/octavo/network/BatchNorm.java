package dev.octavo.network;

/**
 * Normalisation of each channel, {@code (x - mean) / sqrt(variance + epsilon) * weight + bias}.
 *
 * @param name as in {@code layer1.0.bn1}
 * @param epsilon added to the variance
 * @param momentum a batch's share in the running statistics
 */
public record BatchNorm(String name, double epsilon, double momentum) {
  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;

  /** With PyTorch's defaults. */
  public static BatchNorm of(String name) {
    return new BatchNorm(name, EPSILON, MOMENTUM);
  }
}
