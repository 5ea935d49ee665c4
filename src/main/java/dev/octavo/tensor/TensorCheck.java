package dev.octavo.tensor;

import java.util.Optional;

/** Finds values that nothing can be computed with. */
public final class TensorCheck {
  private static final String VARIANCE = ".running_var";

  /** The judgement of a running variance that is infinite. */
  public enum InfiniteVariance {
    /** It is a fault, as any other value that is not finite. */
    FAULT,
    /** It may be: float16 ends at 65504, and what it normalises is well defined, constant. */
    ALLOWED
  }

  private TensorCheck() {}

  /**
   * The defect of a tensor, as in {@code bn1.bias holds NaN}; empty if all values are finite and
   * none is a negative variance, or if it isn't of a floating-point type.
   *
   * @param name PyTorch's: it tells a running variance
   */
  public static Optional<String> fault(String name, Tensor tensor, InfiniteVariance infinite) {
    if (!tensor.dtype().isFloatingPoint()) {
      return Optional.empty();
    }
    boolean variance = name.endsWith(VARIANCE);
    boolean mayBeInfinite = variance && infinite == InfiniteVariance.ALLOWED;
    for (float value : tensor.toFloats()) {
      if (variance && value < 0) {
        return Optional.of("%s holds the negative variance %s".formatted(name, value));
      }
      if (!Float.isFinite(value) && !(mayBeInfinite && value > 0)) {
        return Optional.of("%s holds %s".formatted(name, value));
      }
    }
    return Optional.empty();
  }

  /** Returns whether a tensor is a running variance that is infinite somewhere. */
  public static boolean hasInfiniteVariance(String name, Tensor tensor) {
    return name.endsWith(VARIANCE)
        && fault(name, tensor, InfiniteVariance.FAULT).isPresent()
        && fault(name, tensor, InfiniteVariance.ALLOWED).isEmpty();
  }
}
