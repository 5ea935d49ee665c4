package dev.octavo.dataset;

import dev.octavo.tensor.Tensor;
import java.util.function.Consumer;

/** Images in batches, as often as wanted and always in the same order. */
public interface EvaluationImages {
  /**
   * Some images and their labels.
   *
   * @param images {@code uint8 [N, H, W, 3]}, valid until the next batch
   * @param labels {@code N} class indices; -1 for what has none
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Batch(Tensor images, int[] labels) {}

  /** Hands all batches to a consumer, the last one with the rest. */
  void forEach(Consumer<Batch> consumer);
}
