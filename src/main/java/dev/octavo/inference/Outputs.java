package dev.octavo.inference;

import dev.octavo.OctavoException;
import java.io.Serializable;

/**
 * The content of a prediction.
 *
 * @param topK classes listed, at least 1
 * @param probabilities whether those of all classes are kept, in the order of the bundle's synset
 * @param embeddings whether the pooled features are kept: what the classifier reads, for search and
 *     for finding near duplicates
 * @param minConfidence predictions that are less probable are marked for review; 0 marks none
 */
public record Outputs(int topK, boolean probabilities, boolean embeddings, double minConfidence)
    implements Serializable {
  /**
   * Checks them.
   *
   * @throws OctavoException.Usage if a number is out of range
   */
  public Outputs {
    if (topK < 1) {
      throw new OctavoException.Usage("--top-k must be at least 1, not " + topK);
    }
    if (!(minConfidence >= 0 && minConfidence <= 1)) {
      throw new OctavoException.Usage(
          "--min-confidence is a probability, between 0 and 1, not " + minConfidence);
    }
  }

  /** The most probable classes and nothing else. */
  public static Outputs top(int topK) {
    return new Outputs(topK, false, false, 0);
  }
}
