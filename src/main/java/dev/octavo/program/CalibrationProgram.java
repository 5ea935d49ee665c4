package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The fused float32 program with a histogram observer behind every convolution. Observers run in
 * libtorch.
 *
 * <ul>
 *   <li>{@code observe(images) -> logits}: adds the batch's activations to the histograms
 *   <li>{@code histograms(any) -> float64 [T, BINS]}, {@code ranges(any) -> float64 [T, 3]}: what
 *       was seen of the {@code T} {@linkplain #observed tensors}; a range is (half-width of the
 *       histogram, least value, greatest value)
 * </ul>
 *
 * <p>A histogram of a tensor after ReLU spans {@code [0, r]}, another {@code [-r, r]}. {@code r}
 * starts at the first batch's greatest magnitude. When a value lies outside, {@code r} doubles and
 * neighbouring bins merge, so no count is ever lost.
 */
public final class CalibrationProgram {
  /** Bins of each histogram. */
  public static final int BINS = 2048;

  /**
   * A tensor under observation.
   *
   * @param node index of the node that it is the output of
   * @param name the convolution that computes it
   * @param signed whether it can be negative
   */
  public record Observed(int node, String name, boolean signed) {}

  private CalibrationProgram() {}

  /**
   * The observed tensors, in the order of the program's outputs: each fused convolution's result,
   * and for {@link Int8Operators#PORTABLE} the end of each branch before it.
   */
  public static List<Observed> observed(Network network, Int8Operators operators) {
    List<Observed> observed = new ArrayList<>();
    for (FusionPlan.Step step : FusionPlan.of(network).steps()) {
      if (step instanceof FusionPlan.Convolution c) {
        if (c.accumulates() && operators == Int8Operators.PORTABLE) {
          observed.add(
              new Observed(network.nodes().indexOf(c.conv()), c.conv().name() + " (branch)", true));
        }
        observed.add(new Observed(c.output(), c.conv().name(), !c.relu()));
      }
    }
    return observed;
  }

  /** The convolutions, residual adds fused, in execution order. */
  public static List<Observed> layers(Network network) {
    return observed(network, Int8Operators.ONEDNN);
  }

  /** Writes the archive for a network that these operators will run; doesn't close the stream. */
  public static void write(
      FoldedNetwork folded, Int8Operators operators, int imageSize, int batchSize, OutputStream out)
      throws IOException {
    FusedSource.Adds adds =
        operators == Int8Operators.PORTABLE ? FusedSource.Adds.SEPARATE : FusedSource.Adds.FUSED;
    FusedSource source = new FusedSource(folded, imageSize, batchSize, false, adds);
    ScriptModule module = new ScriptModule("Calibration");
    source.addWeights(module);
    List<Observed> observed = observed(folded.network(), operators);
    int tensors = observed.size();
    module.buffer("counts", zeros(tensors, BINS));
    module.buffer("limits", zeros(tensors, 3));
    module.method(OBSERVE_ONE);
    List<String> body =
        source.forward(
            (lines, step) -> {
              for (int i = 0; i < tensors; i++) {
                Observed tensor = observed.get(i);
                if (tensor.node() == step.output()) {
                  lines.add(observe(EagerSource.value(step.output()), i, tensor));
                } else if (step instanceof FusionPlan.Convolution c
                    && c.conv().equals(folded.network().nodes().get(tensor.node()))) {
                  lines.add(observe(FusedSource.branch(c), i, tensor));
                }
              }
            });
    module.method(
        """
          def observe(self: __torch__.Calibration, images: Tensor) -> Tensor:
        %s
            return logits
          def histograms(self: __torch__.Calibration, unused: Tensor) -> Tensor:
            return self.counts
          def ranges(self: __torch__.Calibration, unused: Tensor) -> Tensor:
            return self.limits
        """
            .formatted(ScriptModule.indent(body)));
    ScriptArchive.write(module, List.of(FusedProgram.meanPixel()), out);
  }

  private static String observe(String variable, int index, Observed tensor) {
    return "_0 = (self).observe_one(%s, %d, %s, \"%s\")"
        .formatted(variable, index, tensor.signed() ? "True" : "False", tensor.name());
  }

  private static Tensor zeros(int rows, int columns) {
    return Tensor.of(
        DType.FLOAT64,
        new long[] {rows, columns},
        ByteBuffer.allocate(rows * columns * Double.BYTES));
  }

  /** Reductions of channels-last tensors are many times faster over the flat memory. */
  private static final String OBSERVE_ONE =
      """
        def observe_one(self: __torch__.Calibration, activations: Tensor, i: int, signed: bool, name: str) -> Tensor:
          x = torch.reshape(torch.permute(activations, [0, 2, 3, 1]), [-1])
          lowest, highest, = torch.aminmax(x)
          least = float(lowest)
          greatest = float(highest)
          magnitude = ops.prim.max(torch.neg(least), greatest)
          if torch.lt(torch.sub(greatest, least), inf):
            pass
          else:
            ops.prim.RaiseException(torch.add("not finite: the output of ", name))
          counts = torch.select(self.counts, 0, i)
          limits = torch.select(self.limits, 0, i)
          r = float(torch.select(limits, 0, 0))
          if torch.eq(r, 0.):
            r = ops.prim.max(magnitude, 9.9999999999999995e-21)
            _0 = torch.fill_(torch.narrow(limits, 0, 1, 1), least)
            _1 = torch.fill_(torch.narrow(limits, 0, 2, 1), greatest)
          else:
            pass
          while torch.gt(magnitude, r):
            merged = torch.sum(torch.view(counts, [-1, 2]), [1])
            if signed:
              _2 = torch.copy_(counts, torch.constant_pad_nd(merged, [%1$d, %1$d], 0))
            else:
              _3 = torch.copy_(counts, torch.constant_pad_nd(merged, [0, %2$d], 0))
            r = torch.mul(r, 2.)
          _4 = torch.fill_(torch.narrow(limits, 0, 0, 1), r)
          _5 = torch.fill_(torch.narrow(limits, 0, 1, 1), ops.prim.min(least, float(torch.select(limits, 0, 1))))
          _6 = torch.fill_(torch.narrow(limits, 0, 2, 1), ops.prim.max(greatest, float(torch.select(limits, 0, 2))))
          if signed:
            low = torch.neg(r)
          else:
            low = 0.
          _7 = torch.add_(counts, torch.histc(x, %3$d, low, r))
          return counts
      """
          .formatted(BINS / 4, BINS / 2, BINS);
}
