package dev.octavo.train;

/** How the learning rate moves: a factor on the rate that the user sets. */
@FunctionalInterface
interface LearningRateSchedule {
  /**
   * The factor, from 0 to 1.
   *
   * @param progress epochs done, with the fraction of the current one
   */
  double factor(double progress);

  /**
   * Linear warm-up from almost 0 to 1, then half a cosine from 1 to 0 (Loshchilov and Hutter 2017,
   * without restarts).
   */
  static LearningRateSchedule cosine(double warmupEpochs, int epochs) {
    return progress -> {
      if (progress < warmupEpochs) {
        return Math.max(progress / warmupEpochs, 1e-3);
      }
      double done = (progress - warmupEpochs) / (epochs - warmupEpochs);
      return (1 + Math.cos(Math.PI * Math.min(1, done))) / 2;
    };
  }
}
