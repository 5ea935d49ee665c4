package dev.octavo.inference;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;

/**
 * The answer of one model to one example: a class, or the reason why there is none.
 *
 * @param best the most probable classes, best first; empty with an error
 * @param labelId index of the first of them; null with an error
 * @param truth the example's own label; null where the model has no class of that name
 * @param truthRank rank of the truth among all classes, 1 for the most probable; null with an error
 *     or without a truth
 * @param probabilities of all classes; null with an error or where not asked for
 * @param embedding the pooled features; null with an error or where not asked for
 * @param warning what is wrong with a file that has all its pixels nevertheless; null if nothing is
 * @param error why there is no class; null where there is one
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
@RecordBuilder
public record Prediction(
    List<Guess> best,
    Integer labelId,
    String truth,
    Integer truthRank,
    float[] probabilities,
    float[] embedding,
    String warning,
    String error) {

  /** A class and how probable the model finds it. */
  public record Guess(String label, float probability) {}

  /** There is no class, because of that. */
  static Prediction failure(String truth, String error) {
    return PredictionBuilder.builder()
        .best(List.of())
        .labelId(null)
        .truth(truth)
        .truthRank(null)
        .probabilities(null)
        .embedding(null)
        .warning(null)
        .error(error)
        .build();
  }

  /** Returns whether there is no class. */
  public boolean failed() {
    return error != null;
  }
}
