package dev.octavo.tracking;

import java.util.Locale;

/** How a run ended. The names are MLflow's. */
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
