package dev.octavo.train;

import dev.octavo.OctavoException.InvalidSetting;
import java.io.Serializable;

/**
 * The intervals at which a training run saves its state, besides the end of each epoch.
 *
 * @param steps updates between two checkpoints; 0 to go by time alone
 * @param minutes between two checkpoints; 0 to go by steps alone
 * @param keep how many of the last checkpoints are kept
 */
public record CheckpointSettings(int steps, double minutes, int keep) implements Serializable {
  /** Every ten minutes, the last two kept. */
  public static final CheckpointSettings DEFAULT = new CheckpointSettings(0, 10, 2);

  /** Checks the ranges. */
  public CheckpointSettings {
    InvalidSetting.require(steps >= 0, "checkpointSteps", steps, "at least 0");
    InvalidSetting.require(minutes >= 0, "checkpointMinutes", minutes, "at least 0");
    InvalidSetting.require(keep >= 1, "keepCheckpoints", keep, "at least 1");
  }

  /** Returns whether a checkpoint is due. */
  boolean due(long updates, double minutesSinceLast) {
    return (steps > 0 && updates % steps == 0) || (minutes > 0 && minutesSinceLast >= minutes);
  }
}
