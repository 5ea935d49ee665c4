package dev.octavo.program;

import dev.octavo.network.Activation;

/** Activations as oneDNN's fused operators of libtorch take them: a name and numbers. */
final class OnednnActivation {
  static final String NO_SCALARS = "annotate(List[Optional[number]], [])";

  private OnednnActivation() {}

  /** The two arguments. */
  static String arguments(Activation activation) {
    return "\"%s\", %s".formatted(name(activation), scalars(activation));
  }

  private static String name(Activation activation) {
    return switch (activation) {
      case NONE -> "none";
      case RELU -> "relu";
      case RELU6 -> "hardtanh";
      case HARDSWISH -> "hardswish";
      case SILU -> "swish";
    };
  }

  private static String scalars(Activation activation) {
    return activation == Activation.RELU6
        ? "annotate(List[Optional[number]], [0., 6.])"
        : NO_SCALARS;
  }
}
