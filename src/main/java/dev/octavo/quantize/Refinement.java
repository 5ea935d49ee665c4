package dev.octavo.quantize;

import dev.octavo.bundle.QuantizationManifest;

/** The remedies for the error of quantization besides choosing ranges. */
public enum Refinement {
  /** Neighbouring convolutions equalized before calibration. */
  EQUALIZATION(QuantizationManifest.EQUALIZATION),
  /** Biases corrected for what rounding does to the mean of outputs. */
  BIAS_CORRECTION("bias correction"),
  /** Weights rounded so that their errors make up for each other, instead of to the nearest. */
  GPTQ("GPTQ");

  private final String title;

  Refinement(String title) {
    this.title = title;
  }

  /** As in sentences: {@code equalization}. */
  public String title() {
    return title;
  }
}
