package dev.octavo.program;

import dev.octavo.network.Geometry;
import dev.octavo.torchscript.ScriptModule;

/**
 * The part of a {@link CalibrationProgram} that gathers statistics of what every convolution reads,
 * and rounds weights by them. A convolution is a product of a {@code [positions, P]} matrix of
 * patches, {@code P = in * kernel * kernel}, with its weights; the statistics are of the patches.
 * An output channel has {@code K = P / groups} weights, for the part of a patch that its group
 * reads.
 *
 * <p>Of a large feature map those patches count that lie on a grid of about {@value #GRID} by
 * {@value #GRID} positions, which moves with the number of the batch. Neighbouring patches overlap
 * and say little new, and early layers would have sixty times the patches of late ones.
 *
 * <p>Rounding feeds errors back: weights are rounded one input at a time, and those that are not
 * rounded yet are changed so that the output, in the least squares over all patches, changes least.
 * That is GPTQ (Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative
 * Pre-trained Transformers", ICLR 2023, algorithm 1, in the order of falling {@code H[k][k]}, with
 * a hundredth of the mean of {@code H}'s diagonal added to it) in the form that needs no inverse
 * (Chee et al., "QuIP: 2-Bit Quantization of Large Language Models With Guarantees", NeurIPS 2023,
 * theorem 6): with {@code H = M D M^T} the second moments of the group's part of the patches,
 * {@code M} unit upper triangular and {@code D} diagonal, {@code q[k] = round(w[k] + sum over j < k
 * of (w[j] - q[j]) * M[j][k])}.
 */
final class PatchStatistics {
  private static final double DAMPING = 0.01;

  /** Inputs that are rounded before those beyond them learn of the errors, in one product. */
  private static final int BLOCK = 128;

  /** Positions along each side of a feature map that count, or up to twice as many. */
  static final int GRID = 7;

  /** Rows of the moments, which are symmetric, that are computed from the diagonal on. */
  private static final int STRIPE = 512;

  private PatchStatistics() {}

  /** Adds what the lines and methods use. */
  static void addMembers(ScriptModule module) {
    module.tensorList("sum");
    module.tensorList("moments");
  }

  /** The method that {@link #observe} calls. */
  static String observer(CalibrationProgram.Statistics statistics) {
    return OBSERVE_ONE.formatted(
        statistics == CalibrationProgram.Statistics.COVARIANCES ? ADD_MOMENTS : "    pass\n",
        ScalarType.DOUBLE,
        GRID);
  }

  /** The line that adds what a convolution reads. */
  static String observe(Layer.Convolution layer, int index) {
    Geometry g = layer.conv().geometry();
    return "_0 = (self).observe_patches(%s, %d, %s, %s, %d, %d, %d, int(batch), int(every))"
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
        def observe_patches(self: __torch__.Calibration, input: Tensor, i: int, kernel: List[int], padding: List[int], stride: int, dilation: int, groups: int, batch: int, every: int) -> int:
          x = torch.slice(input, 0, torch.remainder(batch, every), 9223372036854775807, every)
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
            square = torch.select(moments, 0, 0)
            for stripe in range(torch.add(torch.floordiv(torch.sub(k, 1), %1$d), 1)):
              from = torch.mul(stripe, %1$d)
              size = ops.prim.min(%1$d, torch.sub(k, from))
              rest = torch.narrow(patches, 1, from, torch.sub(k, from))
              above = torch.narrow(torch.narrow(square, 0, from, size), 1, from, torch.sub(k, from))
              _4 = torch.addmm_(above, torch.t(torch.narrow(patches, 1, from, size)), rest)
          else:
            grouped = torch.permute(torch.reshape(patches, [-1, groups, n]), [1, 0, 2])
            _5 = torch.baddbmm_(moments, torch.transpose(grouped, 1, 2), grouped)
      """
          .formatted(STRIPE);

  /** The methods {@code sums} and {@code round}. */
  static final String METHODS =
      """
        def sums(self: __torch__.Calibration, index: Tensor) -> Tensor:
          return (self.sum)[int(index)]
        def round_group(self: __torch__.Calibration, moments: Tensor, weights: Tensor, most: Tensor) -> Tensor:
          above = torch.triu(torch.to(moments, %3$d))
          h = torch.add(above, torch.t(torch.triu(above, 1)))
          rising = torch.argsort(torch.diagonal(h))
          h = torch.index_select(torch.index_select(h, 0, rising), 1, rising)
          diagonal = torch.diagonal(h)
          damping = torch.mul(torch.mean(diagonal), %1$s)
          _0 = torch.add_(diagonal, torch.add(damping, 1.0000000000000001e-30))
          l = torch.linalg_cholesky(h)
          m = torch.flip(torch.to(torch.div(l, torch.diagonal(l)), %4$d), [0, 1])
          order = torch.flip(rising, [0])
          real = torch.contiguous(torch.t(torch.index_select(weights, 1, order)))
          w = torch.clone(real)
          k = torch.size(w, 0)
          least = torch.neg(most)
          for block in range(torch.add(torch.floordiv(torch.sub(k, 1), %2$d), 1)):
            start = torch.mul(block, %2$d)
            size = ops.prim.min(%2$d, torch.sub(k, start))
            after = torch.sub(k, torch.add(start, size))
            part = torch.narrow(w, 0, start, size)
            factors = torch.narrow(m, 0, start, size)
            errors = torch.empty_like(part)
            for i in range(size):
              row = torch.select(part, 0, i)
              code = torch.minimum(torch.maximum(torch.round(row), least), most)
              error = torch.sub(torch.select(real, 0, torch.add(start, i)), code)
              _1 = torch.copy_(row, code)
              _2 = torch.copy_(torch.select(errors, 0, i), error)
              next = torch.add(i, 1)
              later = torch.sub(size, next)
              factor = torch.narrow(torch.select(factors, 0, i), 0, torch.add(start, next), later)
              _3 = torch.addr_(torch.narrow(part, 0, next, later), factor, error)
            beyond = torch.narrow(w, 0, torch.add(start, size), after)
            _4 = torch.addmm_(beyond, torch.t(torch.narrow(factors, 1, torch.add(start, size), after)), errors)
          return torch.contiguous(torch.index_select(torch.t(w), 1, torch.argsort(order)))
        def round(self: __torch__.Calibration, index: Tensor, weights: Tensor, limits: Tensor) -> Tensor:
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
