package dev.octavo.program;

import dev.octavo.torchscript.ScriptArchive;
import dev.octavo.torchscript.ScriptModule;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * The fast float program: batch norm folded, oneDNN convolutions with bias, activation and residual
 * add fused, channels-last throughout. In bfloat16 the convolutions and what flows between them are
 * bfloat16; pooling sums, features, classifier and logits stay float32.
 */
public final class FusedProgram {
  private FusedProgram() {}

  /**
   * Writes the archive; doesn't close the stream.
   *
   * @param precision fp32 or bf16
   */
  public static void write(
      FoldedNetwork folded, InputShape input, Precision precision, OutputStream out)
      throws IOException {
    FusedSource source = new FusedSource(folded, input, precision);
    ScriptModule module = new ScriptModule("Fused");
    source.addWeights(module);
    InferenceMethods.add(
        module,
        source.forward(new FusedSource.Hook() {}),
        "logits",
        EagerSource.value(folded.graph().classifier().input()));
    ScriptArchive.write(module, List.of(folded.normalization().meanPixelTensor()), out);
  }
}
