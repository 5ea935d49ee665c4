package dev.octavo.quantize;

/** What can be done about the error of quantization besides choosing ranges. */
public enum Refinement {
  /** Neighbouring convolutions equalized before calibration. */
  EQUALIZATION("equalization");

  private final String title;

  Refinement(String title) {
    this.title = title;
  }

  /** As in sentences: {@code equalization}. */
  public String title() {
    return title;
  }
}
