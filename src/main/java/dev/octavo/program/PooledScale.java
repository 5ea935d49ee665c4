package dev.octavo.program;

import dev.octavo.network.Affine;
import java.util.HashMap;
import java.util.Map;

/**
 * The scale of pooled codes, which the pool leaves to the weights of the linear layer that reads
 * it: its output is an average of codes less zero, and the weights that a program holds are
 * multiplied with the scale.
 */
final class PooledScale {
  private final Map<String, Float> scales = new HashMap<>();

  PooledScale(QuantizedNetwork quantized) {
    for (Layer layer : quantized.graph().layers()) {
      if (layer instanceof Layer.Linear l && !quantized.isFloat(l.input())) {
        scales.put(l.name(), quantized.mapping(l.input()).scale());
      }
    }
  }

  /** The real value of 1 in what an affine map reads: 1 unless that is the average of codes. */
  private float of(Affine affine) {
    return scales.getOrDefault(affine.name(), 1f);
  }

  /** The weights of an affine map times the scale of what it reads. */
  float[] times(Affine affine, float[] weight) {
    float scale = of(affine);
    float[] product = weight.clone();
    for (int i = 0; i < product.length; i++) {
      product[i] *= scale;
    }
    return product;
  }

  /**
   * The weights before {@link #times}: floats whose products with the scale are these to the bit,
   * as those that they came from. The quotient is such a float or next to one.
   *
   * @throws IllegalArgumentException if they are no such products
   */
  float[] without(Affine affine, float[] product) {
    float[] weight = product.clone();
    for (int i = 0; i < weight.length; i++) {
      weight[i] = factor(affine, weight[i]);
    }
    return weight;
  }

  private float factor(Affine affine, float product) {
    float quotient = product / of(affine);
    for (float w : new float[] {quotient, Math.nextUp(quotient), Math.nextDown(quotient)}) {
      if (w * of(affine) == product) {
        return w;
      }
    }
    throw new IllegalArgumentException(
        "the weight %s of %s is no product of the pooled scale %s"
            .formatted(product, affine.name(), of(affine)));
  }
}
