package dev.octavo.inference;

import dev.octavo.OctavoException.InvalidSetting;
import java.io.Serializable;
import java.util.Objects;

/**
 * The content of a prediction.
 *
 * @param topK classes listed, at least 1
 * @param probabilities whether those of all classes are kept, in the order of the bundle's synset
 * @param embeddings whether the pooled features are kept: what the classifier reads, for search and
 *     for finding near duplicates
 * @param minConfidence predictions that are less probable are marked for review; 0 marks none
 * @param views of the image that the model sees, and whose probabilities are averaged
 */
public record Outputs(
    int topK, boolean probabilities, boolean embeddings, double minConfidence, Views views)
    implements Serializable {
  /** The views of an image. */
  public enum Views {
    /** The image itself. */
    ONE,
    /** The image and its mirror image, left to right. */
    FLIP
  }

  /**
   * Checks them.
   *
   * @throws InvalidSetting if a number is out of range
   */
  public Outputs {
    Objects.requireNonNull(views, "views");
    InvalidSetting.require(topK >= 1, "topK", topK, "at least 1");
    InvalidSetting.require(
        minConfidence >= 0 && minConfidence <= 1,
        "minConfidence",
        minConfidence,
        "a probability from 0 to 1");
  }

  /** Predictions by the image itself alone. */
  public Outputs(int topK, boolean probabilities, boolean embeddings, double minConfidence) {
    this(topK, probabilities, embeddings, minConfidence, Views.ONE);
  }

  /** The most probable classes and nothing else. */
  public static Outputs top(int topK) {
    return new Outputs(topK, false, false, 0);
  }
}
