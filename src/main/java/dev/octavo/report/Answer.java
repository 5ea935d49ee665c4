package dev.octavo.report;

import dev.octavo.metrics.Ratio.Outcome;

/**
 * The class that a model named for an image.
 *
 * @param path of the image
 * @param label the class
 * @param probability of it
 * @param truth the image's own class, null where it is unknown or no class of the model
 */
record Answer(String path, String label, double probability, String truth) {
  /** Returns whether the image's own class is known. */
  boolean isLabelled() {
    return truth != null;
  }

  /** Returns whether that is the class named. */
  boolean isRight() {
    return label.equals(truth);
  }

  Outcome outcome() {
    return Outcome.of(isRight());
  }
}
