package dev.octavo.program;

import dev.octavo.torchscript.ScriptArchive;
import dev.octavo.torchscript.ScriptModule;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The int8 program: convolutions on unsigned activations and signed weights, with bias, activation
 * and requantization fused, with oneDNN also the residual add. Pixels enter as they are; the image
 * is padded with the mean colour, since zero padding of the normalised image means just that. The
 * file holds plain int8 weights, packed for the CPU when they are loaded. Layers that the network
 * keeps in float32 run as such, or in bfloat16.
 */
public final class Int8Program {
  private Int8Program() {}

  /** Writes the archive, with float layers in float32; doesn't close the stream. */
  public static void write(
      QuantizedNetwork quantized, Int8Operators operators, InputShape input, OutputStream out)
      throws IOException {
    write(quantized, operators, Precision.FP32, input, out);
  }

  /**
   * Writes the archive; doesn't close the stream.
   *
   * @param floats what layers that are no integers compute in: fp32, or with oneDNN bf16
   */
  public static void write(
      QuantizedNetwork quantized,
      Int8Operators operators,
      Precision floats,
      InputShape input,
      OutputStream out)
      throws IOException {
    Int8Source source = Int8Source.of(operators, quantized, input, floats);
    ScriptModule module = new ScriptModule("Int8");
    source.addWeights(module);
    Int8Weights.addActivations(module, quantized);
    List<String> body = new ArrayList<>(source.pixels("CONSTANTS.c0"));
    for (Layer layer : quantized.graph().layers()) {
      body.addAll(source.lines(layer));
    }
    InferenceMethods.add(module, body, source.logits(), source.features());
    ScriptArchive.write(module, List.of(source.meanColour()), out);
  }
}
