package dev.octavo.program;

import dev.octavo.network.Geometry;
import dev.octavo.torchscript.ScriptArchive;
import dev.octavo.torchscript.ScriptModule;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * The fused float32 program that also gathers statistics of what every convolution reads, and
 * rounds weights by them. A convolution is a product of a {@code [positions, P]} matrix of patches,
 * {@code P = in * kernel * kernel}, with its weights; the statistics are of the patches. An output
 * channel has {@code K = P / groups} weights, for the part of a patch that its group reads.
 *
 * <ul>
 *   <li>{@code observe(images, batch) -> logits}: adds the batch's patches to the statistics, of a
 *       large feature map those on a grid of about {@value #GRID} by {@value #GRID} positions,
 *       which moves with the number of the batch. Neighbouring patches overlap and say little new,
 *       and early layers would have sixty times the patches of late ones
 *   <li>{@code sums(index) -> float64 [P + 1]}: of the {@code index}th {@linkplain
 *       FusedNetwork#convolutions convolution}, the sum of its patches and their number
 *   <li>{@code round(index, weights, limits) -> float32 [V, out, K]}: weights of that shape in
 *       units of their scale, for {@code V} widths of a code, rounded to whole numbers from {@code
 *       -limits[v]} to {@code limits[v]}; with {@link Statistics#COVARIANCES} only. Widths share
 *       what takes longest, the factors of the moments
 * </ul>
 *
 * <p>Rounding feeds errors back: weights are rounded one input at a time, and those that are not
 * rounded yet are changed so that the output, in the least squares over all patches, changes least.
 * With {@code H} the second moments of the group's part of the patches and {@code U} the upper
 * Cholesky factor of its inverse, {@code e = (w[k] - q[k]) / U[k][k]} and {@code w[j] -= e *
 * U[k][j]} for {@code j > k} (Frantar et al., "GPTQ: Accurate Post-Training Quantization for
 * Generative Pre-trained Transformers", ICLR 2023, algorithm 1, in the order of falling {@code
 * H[k][k]}). A hundredth of the mean of {@code H}'s diagonal is added to it, as there.
 */
public final class LayerInputProgram {
  private static final double DAMPING = 0.01;

  /** Inputs that are rounded before those beyond them learn of the errors, in one product. */
  private static final int BLOCK = 128;

  /** Positions along each side of a feature map whose patches count, or up to twice as many. */
  private static final int GRID = 7;

  /** The statistics that are gathered. */
  public enum Statistics {
    /** Sums alone. */
    MEANS,
    /** Second moments too: {@code groups * K * K} numbers for each convolution. */
    COVARIANCES
  }

  private LayerInputProgram() {}

  /** Writes the archive; doesn't close the stream. */
  public static void write(
      FoldedNetwork folded, Statistics statistics, InputShape input, OutputStream out)
      throws IOException {
    FusedSource source = new FusedSource(folded, input, Precision.FP32);
    ScriptModule module = new ScriptModule("LayerInputs");
    source.addWeights(module);
    module.tensorList("sum");
    module.tensorList("moments");
    List<Layer.Convolution> convolutions = folded.graph().convolutions();
    List<String> body =
        source.forward(
            new FusedSource.Hook() {
              // Before the convolution, whose input may be overwritten by a residual add.
              @Override
              public void before(List<String> lines, Layer layer) {
                if (layer instanceof Layer.Convolution c) {
                  lines.add(observe(c, convolutions.indexOf(c)));
                }
              }
            });
    module.method(
        OBSERVE_ONE.formatted(
            statistics == Statistics.COVARIANCES ? ADD_MOMENTS : "    pass\n",
            ScalarType.DOUBLE,
            GRID));
    module.method(
        """
          def observe(self: __torch__.LayerInputs, images: Tensor, batch: Tensor) -> Tensor:
        %s
            return logits
          def sums(self: __torch__.LayerInputs, index: Tensor) -> Tensor:
            return (self.sum)[int(index)]
        """
            .formatted(ScriptModule.indent(body)));
    module.method(ROUND);
    ScriptArchive.write(module, List.of(folded.normalization().meanPixelTensor()), out);
  }

  private static String observe(Layer.Convolution layer, int index) {
    Geometry g = layer.conv().geometry();
    return "_0 = (self).observe_one(%s, %d, %s, %s, %d, %d, %d, int(batch))"
        .formatted(
            EagerSource.value(layer.input()),
            index,
            ConvArguments.pair(g.kernel()),
            ConvArguments.pair(g.padding()),
            g.stride(),
            g.dilation(),
            g.groups());
  }

  private static final String OBSERVE_ONE =
      """
        def observe_one(self: __torch__.LayerInputs, x: Tensor, i: int, kernel: List[int], padding: List[int], stride: int, dilation: int, groups: int, batch: int) -> int:
          taps = torch.mul(kernel[0], kernel[1])
          k = torch.mul(torch.size(x, 1), taps)
          reach = torch.sub(torch.mul(2, padding[0]), torch.mul(dilation, torch.sub(kernel[0], 1)))
          positions = torch.add(torch.floordiv(torch.add(torch.size(x, 2), torch.sub(reach, 1)), stride), 1)
          step = ops.prim.max(torch.floordiv(positions, %3$d), 1)
          start = torch.mul(stride, torch.remainder(batch, step))
          strides = torch.mul(stride, step)
          if torch.eq(torch.add(taps, torch.add(padding[0], padding[1])), 1):
            rows = torch.slice(torch.slice(x, 2, start, 9223372036854775807, strides), 3, start, 9223372036854775807, strides)
            patches = torch.reshape(torch.permute(rows, [0, 2, 3, 1]), [-1, k])
          else:
            padded = torch.constant_pad_nd(x, [padding[1], padding[1], padding[0], padding[0]], 0)
            seen = torch.slice(torch.slice(padded, 2, start), 3, start)
            columns = torch.im2col(seen, kernel, [dilation, dilation], [0, 0], [strides, strides])
            patches = torch.reshape(torch.permute(columns, [0, 2, 1]), [-1, k])
          if torch.le(torch.len(self.sum), i):
            _0 = torch.append(self.sum, torch.zeros([torch.add(k, 1)], dtype=%2$d))
          else:
            pass
          sum = (self.sum)[i]
          total = torch.mv(torch.t(patches), torch.ones([torch.size(patches, 0)]))
          _1 = torch.add_(torch.narrow(sum, 0, 0, k), total)
          _2 = torch.add_(torch.narrow(sum, 0, k, 1), torch.size(patches, 0))
      %1$s    return i
      """;

  private static final String ADD_MOMENTS =
      """
          n = torch.floordiv(k, groups)
          if torch.le(torch.len(self.moments), i):
            _3 = torch.append(self.moments, torch.zeros([groups, n, n]))
          else:
            pass
          moments = (self.moments)[i]
          if torch.eq(groups, 1):
            _4 = torch.addmm_(torch.select(moments, 0, 0), torch.t(patches), patches)
          else:
            grouped = torch.permute(torch.reshape(patches, [-1, groups, n]), [1, 0, 2])
            _5 = torch.baddbmm_(moments, torch.transpose(grouped, 1, 2), grouped)
      """;

  private static final String ROUND =
      """
        def round_group(self: __torch__.LayerInputs, moments: Tensor, weights: Tensor, most: Tensor) -> Tensor:
          h = torch.to(moments, %3$d)
          order = torch.argsort(torch.diagonal(h), 0, True)
          h = torch.index_select(torch.index_select(h, 0, order), 1, order)
          diagonal = torch.diagonal(h)
          damping = torch.mul(torch.mean(diagonal), %1$s)
          _0 = torch.add_(diagonal, torch.add(damping, 1.0000000000000001e-30))
          inverse = torch.cholesky_inverse(torch.linalg_cholesky(h))
          u = torch.to(torch.linalg_cholesky(inverse, upper=True), %4$d)
          w = torch.contiguous(torch.t(torch.index_select(weights, 1, order)))
          k = torch.size(w, 0)
          least = torch.neg(most)
          for block in range(torch.add(torch.floordiv(torch.sub(k, 1), %2$d), 1)):
            start = torch.mul(block, %2$d)
            size = ops.prim.min(%2$d, torch.sub(k, start))
            after = torch.sub(k, torch.add(start, size))
            part = torch.narrow(w, 0, start, size)
            factors = torch.narrow(u, 0, start, size)
            errors = torch.empty_like(part)
            for i in range(size):
              row = torch.select(part, 0, i)
              code = torch.minimum(torch.maximum(torch.round(row), least), most)
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
        def round(self: __torch__.LayerInputs, index: Tensor, weights: Tensor, limits: Tensor) -> Tensor:
          moments = (self.moments)[int(index)]
          groups = torch.size(moments, 0)
          widths = torch.size(weights, 0)
          channels = torch.floordiv(torch.size(weights, 1), groups)
          k = torch.size(weights, 2)
          most = torch.repeat_interleave(limits, channels)
          rounded = annotate(List[Tensor], [])
          for group in range(groups):
            part = torch.reshape(torch.narrow(weights, 1, torch.mul(group, channels), channels), [-1, k])
            codes = (self).round_group(torch.select(moments, 0, group), part, most)
            _0 = torch.append(rounded, torch.reshape(codes, [widths, channels, k]))
          return torch.cat(rounded, 1)
      """
          .formatted(DAMPING, BLOCK, ScalarType.DOUBLE, ScalarType.FLOAT);
}
