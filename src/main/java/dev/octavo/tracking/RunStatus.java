package dev.octavo.tracking;

import java.util.Locale;

/** The end of a run, under MLflow's names. */
public enum RunStatus {
  /** It did all its epochs, or stopped early as it was told to. */
  FINISHED,
  /** It gave up. */
  FAILED,
  /** Somebody ended it. */
  KILLED;

  /** In lower case, for people. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
