package dev.octavo.program;

/** The operators that an {@link Int8Program} is made of. */
public enum Int8Operators {
  /**
   * oneDNN's {@code onednn::qconv2d_pointwise}, residual adds fused: the fastest, where libtorch is
   * built with oneDNN's int8 kernels (x86).
   */
  ONEDNN,
  /**
   * libtorch's own {@code quantized::conv2d} and {@code quantized::add_relu}, on FBGEMM or QNNPACK:
   * everywhere, aarch64 included. A branch is rounded to codes before it is added to its shortcut,
   * so calibration must observe branches too.
   */
  PORTABLE
}
