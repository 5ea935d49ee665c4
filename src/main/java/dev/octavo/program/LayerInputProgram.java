package dev.octavo.program;

import dev.octavo.network.Node;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The fused float32 program that also gathers statistics of what every convolution reads, and
 * rounds weights by them. A convolution with {@code K = in * kernel * kernel} weights per output
 * channel is a product of a {@code [positions, K]} matrix of patches with its weights; the
 * statistics are of the patches.
 *
 * <ul>
 *   <li>{@code observe(images) -> logits}: adds the batch's patches to the statistics
 *   <li>{@code sums(index) -> float64 [K + 1]}: of the {@code index}th {@linkplain #convolutions
 *       convolution}, the sum of its patches and their number
 *   <li>{@code round(index, weights, limit) -> float32 [out, K]}: {@code float32 [out, K]} weights
 *       in units of their scale, rounded to whole numbers from {@code -limit} to {@code limit};
 *       with {@link Statistics#COVARIANCES} only
 * </ul>
 *
 * <p>Rounding feeds errors back: weights are rounded one input at a time, and those that are not
 * rounded yet are changed so that the output, in the least squares over all patches, changes least.
 * With {@code H} the patches' second moments and {@code U} the upper Cholesky factor of its
 * inverse, {@code e = (w[k] - q[k]) / U[k][k]} and {@code w[j] -= e * U[k][j]} for {@code j > k}
 * (Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
 * Transformers", ICLR 2023, algorithm 1, in the order of falling {@code H[k][k]}). A hundredth of
 * the mean of {@code H}'s diagonal is added to it, as there.
 */
public final class LayerInputProgram {
  private static final double DAMPING = 0.01;

  /** Inputs that are rounded before those beyond them learn of the errors, in one product. */
  private static final int BLOCK = 128;

  /** What is gathered. */
  public enum Statistics {
    /** Sums alone. */
    MEANS,
    /** Second moments too: {@code K * K} numbers for each convolution. */
    COVARIANCES
  }

  private LayerInputProgram() {}

  /** The convolutions, in the order of the program's indices. */
  public static List<Node.Conv> convolutions(FoldedNetwork folded) {
    return FusionPlan.of(folded.network()).steps().stream()
        .filter(FusionPlan.Convolution.class::isInstance)
        .map(step -> ((FusionPlan.Convolution) step).conv())
        .toList();
  }

  /** Writes the archive; doesn't close the stream. */
  public static void write(
      FoldedNetwork folded, Statistics statistics, int imageSize, int batchSize, OutputStream out)
      throws IOException {
    FusedSource source = new FusedSource(folded, imageSize, batchSize, false);
    ScriptModule module = new ScriptModule("LayerInputs");
    source.addWeights(module);
    module.tensorList("sum");
    module.tensorList("moments");
    List<String> body = new ArrayList<>();
    List<Node.Conv> convolutions = convolutions(folded);
    List<String> network =
        source.forward(
            (lines, step) -> {
              if (step instanceof FusionPlan.Convolution c) {
                // Before the convolution, whose input may be overwritten by its residual add.
                lines.add(lines.size() - 1, observe(c.conv(), convolutions.indexOf(c.conv())));
              }
            });
    body.addAll(network);
    module.method(
        OBSERVE_ONE.formatted(statistics == Statistics.COVARIANCES ? ADD_MOMENTS : "    pass\n"));
    module.method(
        """
          def observe(self: __torch__.LayerInputs, images: Tensor) -> Tensor:
        %s
            return logits
          def sums(self: __torch__.LayerInputs, index: Tensor) -> Tensor:
            return (self.sum)[int(index)]
        """
            .formatted(ScriptModule.indent(body)));
    module.method(ROUND);
    ScriptArchive.write(module, List.of(FusedProgram.meanPixel()), out);
  }

  private static String observe(Node.Conv c, int index) {
    return "_0 = (self).observe_one(%s, %d, %d, %d, %d)"
        .formatted(EagerSource.value(c.input()), index, c.kernel(), c.padding(), c.stride());
  }

  private static final String OBSERVE_ONE =
      """
        def observe_one(self: __torch__.LayerInputs, x: Tensor, i: int, kernel: int, padding: int, stride: int) -> int:
          k = torch.mul(torch.size(x, 1), torch.mul(kernel, kernel))
          if torch.eq(kernel, 1):
            rows = torch.slice(torch.slice(x, 2, 0, 9223372036854775807, stride), 3, 0, 9223372036854775807, stride)
            patches = torch.reshape(torch.permute(rows, [0, 2, 3, 1]), [-1, k])
          else:
            columns = torch.im2col(x, [kernel, kernel], [1, 1], [padding, padding], [stride, stride])
            patches = torch.reshape(torch.permute(columns, [0, 2, 1]), [-1, k])
          if torch.le(torch.len(self.sum), i):
            _0 = torch.append(self.sum, torch.zeros([torch.add(k, 1)], dtype=7))
          else:
            pass
          sum = (self.sum)[i]
          total = torch.mv(torch.t(patches), torch.ones([torch.size(patches, 0)]))
          _1 = torch.add_(torch.narrow(sum, 0, 0, k), total)
          _2 = torch.add_(torch.narrow(sum, 0, k, 1), torch.size(patches, 0))
      %s    return i
      """;

  private static final String ADD_MOMENTS =
      """
          if torch.le(torch.len(self.moments), i):
            _3 = torch.append(self.moments, torch.zeros([k, k]))
          else:
            pass
          _4 = torch.addmm_((self.moments)[i], torch.t(patches), patches)
      """;

  private static final String ROUND =
      """
        def round(self: __torch__.LayerInputs, index: Tensor, weights: Tensor, limit: Tensor) -> Tensor:
          most = float(limit)
          h = torch.to((self.moments)[int(index)], 7)
          order = torch.argsort(torch.diagonal(h), 0, True)
          h = torch.index_select(torch.index_select(h, 0, order), 1, order)
          diagonal = torch.diagonal(h)
          damping = torch.mul(torch.mean(diagonal), %1$s)
          _0 = torch.add_(diagonal, torch.add(damping, 1.0000000000000001e-30))
          inverse = torch.cholesky_inverse(torch.linalg_cholesky(h))
          u = torch.to(torch.linalg_cholesky(inverse, upper=True), 6)
          w = torch.contiguous(torch.t(torch.index_select(weights, 1, order)))
          k = torch.size(w, 0)
          for block in range(torch.add(torch.floordiv(torch.sub(k, 1), %2$d), 1)):
            start = torch.mul(block, %2$d)
            size = ops.prim.min(%2$d, torch.sub(k, start))
            after = torch.sub(k, torch.add(start, size))
            part = torch.narrow(w, 0, start, size)
            factors = torch.narrow(u, 0, start, size)
            errors = torch.empty_like(part)
            for i in range(size):
              row = torch.select(part, 0, i)
              code = torch.clamp(torch.round(row), torch.neg(most), most)
              factor = torch.narrow(torch.select(factors, 0, i), 0, start, size)
              error = torch.div(torch.sub(row, code), torch.select(factor, 0, i))
              _1 = torch.copy_(row, code)
              _2 = torch.copy_(torch.select(errors, 0, i), error)
              later = torch.sub(size, torch.add(i, 1))
              rest = torch.narrow(part, 0, torch.add(i, 1), later)
              _3 = torch.addr_(rest, torch.narrow(factor, 0, torch.add(i, 1), later), error, beta=1, alpha=-1)
            beyond = torch.narrow(w, 0, torch.add(start, size), after)
            _4 = torch.addmm_(beyond, torch.t(torch.narrow(factors, 1, torch.add(start, size), after)), errors, beta=1, alpha=-1)
          return torch.contiguous(torch.index_select(torch.t(w), 1, torch.argsort(order)))
      """
          .formatted(DAMPING, BLOCK);
}
