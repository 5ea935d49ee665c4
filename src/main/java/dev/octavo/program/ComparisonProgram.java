package dev.octavo.program;

import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.ScriptArchive;
import dev.octavo.torchscript.ScriptModule;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The float32 and the int8 network side by side over the same pixels, with the error of every
 * layer's output summed up in libtorch.
 *
 * <ul>
 *   <li>{@code compare(images) -> (logits, int8 logits)}, both {@code float32 [N, classes]}
 *   <li>{@code sums(any) -> float64 [T, 2]}: of all images so far, for each of the {@code T}
 *       {@linkplain FusedNetwork#rangedLayers outputs}, {@code sum x^2} and {@code sum (x - y)^2}
 *       with {@code x} the float network's value and {@code y} the int8 network's dequantized one
 * </ul>
 */
public final class ComparisonProgram {
  private ComparisonProgram() {}

  /**
   * Writes the archive; doesn't close the stream.
   *
   * @param floats what the int8 network's float layers compute in
   */
  public static void write(
      FoldedNetwork folded,
      QuantizedNetwork quantized,
      Int8Operators operators,
      Precision floats,
      InputShape input,
      OutputStream out)
      throws IOException {
    FusedSource reference = new FusedSource(folded, input, Precision.FP32);
    Int8Source approximation = Int8Source.of(operators, quantized, input, floats);
    ScriptModule module = new ScriptModule("Comparison");
    reference.addWeights(module);
    approximation.addWeights(module);
    List<Layer> layers = folded.graph().rangedLayers();
    List<String> body =
        reference.forward(
            new FusedSource.Hook() {
              @Override
              public void after(List<String> lines, Layer layer) {
                if (layer == folded.graph().layers().get(0)) {
                  lines.addAll(approximation.pixels("CONSTANTS.c1"));
                }
                lines.addAll(approximation.lines(layer));
                if (layer.hasOwnRange()) {
                  lines.add(
                      "_1 = (self).add_error(%s, %s, %d)"
                          .formatted(
                              EagerSource.value(layer.output()),
                              approximation.real(layer.output()),
                              layers.indexOf(layer)));
                }
              }
            });
    module.buffer(
        "errors",
        Tensor.of(
            DType.FLOAT64,
            new long[] {layers.size(), 2},
            ByteBuffer.allocate(layers.size() * 2 * Double.BYTES)));
    module.method(
        """
          def flat(self: __torch__.Comparison, x: Tensor) -> Tensor:
            return torch.reshape(torch.permute(x, [0, 2, 3, 1]), [-1])
          def add_error(self: __torch__.Comparison, output: Tensor, approximation: Tensor, i: int) -> Tensor:
            row = torch.select(self.errors, 0, i)
            x = (self).flat(output)
            y = torch.to((self).flat(approximation), %3$d)
            _0 = torch.add_(torch.select(row, 0, 0), torch.dot(x, x))
            e = torch.sub(x, y)
            _1 = torch.add_(torch.select(row, 0, 1), torch.dot(e, e))
            return row
          def compare(self: __torch__.Comparison, images: Tensor) -> Tuple[Tensor, Tensor]:
        %1$s
            return (logits, %2$s)
          def sums(self: __torch__.Comparison, unused: Tensor) -> Tensor:
            return self.errors
        """
            .formatted(ScriptModule.indent(body), approximation.logits(), ScalarType.FLOAT));
    ScriptArchive.write(
        module, List.of(folded.normalization().meanPixelTensor(), approximation.meanColour()), out);
  }
}
