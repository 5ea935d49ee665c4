package dev.octavo.quantize;

import java.util.Locale;

/** The data that activation ranges are observed on. */
public enum CalibrationData {
  /** Images of the train split. */
  TRAIN,
  /** Random input, as a warning: it calibrates for images that don't exist. */
  RANDOM;

  /** The name on the command line and in manifests, as in {@code train}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
