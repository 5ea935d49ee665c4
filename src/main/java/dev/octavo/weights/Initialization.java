package dev.octavo.weights;

import dev.octavo.tensor.Tensor;
import java.util.Random;
import java.util.function.DoubleSupplier;

/**
 * Fresh values, as torchvision's ResNets start: each tensor a function of the seed and its name
 * alone, whatever else is initialised.
 */
final class Initialization {
  private Initialization() {}

  /**
   * A convolution's weight {@code [out, in, k, k]}: normal with mean 0 and variance {@code 2 / (out
   * k²)}, which keeps the variance of gradients through a ReLU (He et al., "Delving Deep into
   * Rectifiers", 2015, equation 14).
   */
  static Tensor heNormalFanOut(long seed, String name, long[] shape) {
    double deviation = Math.sqrt(2.0 / (shape[0] * shape[2] * shape[3]));
    Random random = random(seed, name);
    return draw(shape, () -> deviation * random.nextGaussian());
  }

  /** A linear layer's weight or bias: uniform within {@code ±1/√in}, as {@code nn.Linear}. */
  static Tensor uniformFanIn(long seed, String name, long[] shape, int in) {
    double bound = 1 / Math.sqrt(in);
    Random random = random(seed, name);
    return draw(shape, () -> bound * (2 * random.nextDouble() - 1));
  }

  /** All elements the same. */
  static Tensor constant(float value, long[] shape) {
    return draw(shape, () -> value);
  }

  private static Tensor draw(long[] shape, DoubleSupplier next) {
    float[] values = new float[Math.toIntExact(Tensor.elements(shape))];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) next.getAsDouble();
    }
    return Tensor.of(values, shape);
  }

  /** {@link Random}, because its sequence is specified: the same on every platform. */
  private static Random random(long seed, String name) {
    long mixed = mix(seed);
    for (int i = 0; i < name.length(); i++) {
      mixed = mix(mixed ^ name.charAt(i));
    }
    return new Random(mixed);
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood, 2014): each bit depends on all. */
  private static long mix(long z) {
    long x = z + 0x9e37_79b9_7f4a_7c15L;
    x = (x ^ (x >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    x = (x ^ (x >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return x ^ (x >>> 31);
  }
}
