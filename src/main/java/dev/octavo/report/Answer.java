package dev.octavo.report;

import dev.octavo.artifact.ParquetRows;
import dev.octavo.metrics.Ratio.Outcome;
import java.util.Map;
import org.apache.parquet.example.data.Group;

/**
 * The class that a model named for an image.
 *
 * @param path of the image
 * @param label the class
 * @param probability of it
 * @param truth the image's own class, null where it is unknown or no class of the model
 * @param truthProbability what the model gave that; 0 where it isn't among the classes listed
 */
record Answer(
    String path, String label, double probability, String truth, double truthProbability) {
  /** The column of the most probable classes. */
  static final String TOP_K = "top_k";

  /**
   * The answer in a row without an error.
   *
   * @param interned names of classes, each held once
   */
  static Answer of(Group row, Map<String, String> interned) {
    // The rank is missing where the model has no class of that name.
    boolean known = ParquetRows.has(row, "truth_rank");
    double probability = row.getFloat("probability", 0);
    return new Answer(
        row.getString("path", 0),
        interned.computeIfAbsent(row.getString("label", 0), s -> s),
        probability,
        known ? interned.computeIfAbsent(row.getString("truth", 0), s -> s) : null,
        known ? truthProbability(row, row.getInteger("truth_rank", 0), probability) : 0);
  }

  /** The probability at a rank, counted from 1. */
  private static double truthProbability(Group row, int rank, double first) {
    if (rank == 1) {
      return first;
    }
    if (!ParquetRows.has(row, TOP_K)) {
      return 0;
    }
    Group list = row.getGroup(TOP_K, 0);
    return rank <= list.getFieldRepetitionCount(0)
        ? list.getGroup(0, rank - 1).getGroup(0, 0).getFloat("probability", 0)
        : 0;
  }

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
