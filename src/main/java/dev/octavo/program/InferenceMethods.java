package dev.octavo.program;

import dev.octavo.torchscript.ScriptModule;
import java.util.List;

/**
 * The methods of every program for inference: {@code embed}, which is the network, and {@code
 * forward}, which hands on its logits alone. One calls the other, so that they can't differ in a
 * bit, and since the features are what the classifier reads anyway, {@code forward} computes
 * nothing that it would not without them.
 */
final class InferenceMethods {
  private InferenceMethods() {}

  /**
   * Adds the methods.
   *
   * @param body lines that compute the network from {@code images}
   * @param logits the expression of the logits after them
   * @param features the expression of what the classifier reads, float32
   */
  static void add(ScriptModule module, List<String> body, String logits, String features) {
    module.method(
        """
          def embed(self: __torch__.%1$s, images: Tensor) -> Tuple[Tensor, Tensor]:
        %2$s
            return (%3$s, %4$s)
          def forward(self: __torch__.%1$s, images: Tensor) -> Tensor:
            logits, features, = (self).embed(images)
            return logits
        """
            .formatted(module.className(), ScriptModule.indent(body), logits, features));
  }
}
