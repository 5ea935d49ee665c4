package dev.octavo.engine;

import dev.octavo.OctavoException;
import dev.octavo.tensor.Tensor;

/**
 * A loaded model that computes logits of images. It is all that predicting needs of an engine. Its
 * methods may be called from several threads at once; close it once, when no call is under way.
 */
public interface InferenceProgram extends AutoCloseable {
  /**
   * Logits with the features that they are computed from.
   *
   * @param logits {@code float32 [N, classes]}
   * @param features {@code float32 [N, F]}: what the classifier reads
   */
  record Embedding(Tensor logits, Tensor features) {}

  /**
   * Computes logits {@code float32 [N, classes]}.
   *
   * @param images a batch of N, in the type and layout that the model was made for
   */
  Tensor forward(Tensor images);

  /**
   * Computes the logits of {@link #forward} and the features, in one pass.
   *
   * @throws OctavoException if the model gives no features
   */
  Embedding embed(Tensor images);

  /** Frees the native memory. */
  @Override
  void close();
}
