package dev.octavo.program;

/**
 * The scale of the pooled codes, which the pool leaves to the classifier's weights: its output is
 * an average of codes less zero, and the weights that a program holds are multiplied with the
 * scale.
 */
final class PooledScale {
  private PooledScale() {}

  /** The real value of 1 in the pool's output; 1 where the pool averages reals. */
  static float of(QuantizedNetwork quantized) {
    int pooled = quantized.graph().classifier().input();
    return quantized.isFloat(pooled) ? 1 : quantized.mapping(pooled).scale();
  }

  /** The classifier's weights times the scale. */
  static float[] times(QuantizedNetwork quantized) {
    float[] weight = quantized.linearWeight().clone();
    float scale = of(quantized);
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= scale;
    }
    return weight;
  }

  /**
   * The classifier's weights before {@link #times}: floats whose products with the scale are these
   * weights to the bit, as those that they came from. The quotient is such a float or next to one.
   *
   * @param filed a network whose classifier's weights are those that a program holds
   * @throws IllegalArgumentException if they are no such products
   */
  static float[] without(QuantizedNetwork filed) {
    float[] weight = filed.linearWeight().clone();
    float scale = of(filed);
    for (int i = 0; i < weight.length; i++) {
      weight[i] = factor(weight[i], scale);
    }
    return weight;
  }

  private static float factor(float product, float scale) {
    float quotient = product / scale;
    for (float w : new float[] {quotient, Math.nextUp(quotient), Math.nextDown(quotient)}) {
      if (w * scale == product) {
        return w;
      }
    }
    throw new IllegalArgumentException(
        "the classifier's weight %s is no product of the pooled scale %s"
            .formatted(product, scale));
  }
}
