package dev.octavo.program;

import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.ScriptArchive;
import dev.octavo.torchscript.ScriptModule;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The fused float32 program with observers that run in libtorch: a histogram behind every layer
 * that has a range of its own, and statistics of what every convolution reads, by which weights are
 * rounded (see {@link PatchStatistics}).
 *
 * <ul>
 *   <li>{@code observe(images, batch, every) -> logits}: adds the batch's activations to the
 *       histograms, and what every {@code every}th of its images gives convolutions to read to the
 *       statistics; {@code batch} counts the calls
 *   <li>{@code histograms(any) -> float64 [T, BINS]}, {@code ranges(any) -> float64 [T, 3]}: what
 *       was seen of the {@code T} {@linkplain #observed tensors}; a range is (half-width of the
 *       histogram, least value, greatest value)
 *   <li>{@code sums(index) -> float64 [P + 1]}: of the {@code index}th {@linkplain
 *       FusedNetwork#convolutions convolution}, the sum of its patches and their number
 *   <li>{@code round(index, weights, limits) -> float32 [V, out, K]}: weights of that shape in
 *       units of their scale, for {@code V} widths of a code, rounded to whole numbers from {@code
 *       -limits[v]} to {@code limits[v]}; with {@link Statistics#COVARIANCES} only. Widths share
 *       what takes longest, the factors of the moments
 * </ul>
 *
 * <p>Extremes are of all values. Counted are those at the positions of {@link PatchStatistics}'
 * grid: counting takes as long as computing, and the values of neighbouring positions are much
 * alike. A histogram of a tensor without negative values spans {@code [0, r]}, another {@code [-r,
 * r]}. {@code r} starts at the first batch's greatest magnitude. When a value lies outside, {@code
 * r} doubles and neighbouring bins merge, so no count is ever lost.
 */
public final class CalibrationProgram {
  /** Bins of each histogram. */
  public static final int BINS = 2048;

  /** The statistics of what convolutions read. */
  public enum Statistics {
    /** Sums alone. */
    MEANS,
    /** Second moments too: {@code groups * K * K} numbers for each convolution. */
    COVARIANCES
  }

  /**
   * A tensor under observation.
   *
   * @param layer that computes it, or the first of those that share a range
   * @param node index of the node that it is the output of
   * @param name of the layer, for messages
   * @param signed whether it can be negative
   */
  public record Observed(Layer layer, int node, String name, boolean signed) {}

  private CalibrationProgram() {}

  /**
   * The observed tensors, in the order of the program's outputs: the result of each layer that has
   * a range of its own, and for {@link Int8Operators#PORTABLE} the end of each branch before it.
   * Layers that share a range share a tensor here, as if they were one.
   */
  public static List<Observed> observed(FusedNetwork graph, Int8Operators operators) {
    return List.copyOf(byRange(graph, tensors(graph, operators)).values());
  }

  /** By the value whose range they have. */
  private static Map<Integer, Observed> byRange(FusedNetwork graph, List<Observed> tensors) {
    Map<Integer, Observed> shared = new LinkedHashMap<>();
    for (Observed t : tensors) {
      int node = graph.source(t.node());
      shared.merge(
          node,
          new Observed(t.layer(), node, t.name(), t.signed()),
          (a, b) -> new Observed(a.layer(), node, a.name(), a.signed() || b.signed()));
    }
    return shared;
  }

  private static List<Observed> tensors(FusedNetwork graph, Int8Operators operators) {
    List<Observed> observed = new ArrayList<>();
    Observer observer = new Observer(operators, observed, new HashSet<>());
    graph.layers().forEach(layer -> layer.accept(observer));
    return observed;
  }

  /** Collects the observed tensors, and the values that are never below 0. */
  private record Observer(
      Int8Operators operators, List<Observed> observed, Set<Integer> nonNegative)
      implements LayerVisitor<Void> {
    private void add(Layer layer, boolean signed) {
      observed.add(new Observed(layer, layer.output(), layer.name(), signed));
      if (!signed) {
        nonNegative.add(layer.output());
      }
    }

    @Override
    public Void convolution(Layer.Convolution c) {
      if (c.accumulates() && operators == Int8Operators.PORTABLE) {
        observed.add(new Observed(c, c.branch(), c.name() + " (branch)", true));
      }
      add(c, !c.activation().isNonNegative());
      return null;
    }

    /** For a layer whose output is within the range of its input and zero. */
    private Void passes(Layer layer) {
      if (nonNegative.containsAll(layer.inputs())) {
        nonNegative.add(layer.output());
      }
      return null;
    }

    @Override
    public Void maxPool(Layer.MaxPool p) {
      return passes(p);
    }

    @Override
    public Void averagePool(Layer.AveragePool p) {
      return passes(p);
    }

    @Override
    public Void concat(Layer.Concat c) {
      return passes(c);
    }

    @Override
    public Void channelSlice(Layer.ChannelSlice s) {
      return passes(s);
    }

    @Override
    public Void channelShuffle(Layer.ChannelShuffle s) {
      return passes(s);
    }

    @Override
    public Void sum(Layer.Sum s) {
      add(s, !s.activation().isNonNegative());
      return null;
    }

    @Override
    public Void squeezeExcitation(Layer.SqueezeExcitation s) {
      add(s, !nonNegative.contains(s.input()));
      return null;
    }

    @Override
    public Void globalAveragePool(Layer.GlobalAveragePool p) {
      return null;
    }

    @Override
    public Void linear(Layer.Linear l) {
      return null;
    }
  }

  /** Writes the archive for a network that these operators will run; doesn't close the stream. */
  public static void write(
      FoldedNetwork folded,
      Int8Operators operators,
      Statistics statistics,
      InputShape input,
      OutputStream out)
      throws IOException {
    FusedSource.Adds adds =
        operators == Int8Operators.PORTABLE ? FusedSource.Adds.SEPARATE : FusedSource.Adds.FUSED;
    FusedSource source = new FusedSource(folded, input, Precision.FP32, adds);
    ScriptModule module = new ScriptModule("Calibration");
    source.addWeights(module);
    List<Observed> tensors = tensors(folded.graph(), operators);
    Map<Integer, Observed> shared = byRange(folded.graph(), tensors);
    List<Integer> rows = List.copyOf(shared.keySet());
    module.buffer("counts", zeros(rows.size(), BINS));
    module.buffer("limits", zeros(rows.size(), 3));
    PatchStatistics.addMembers(module);
    module.method(OBSERVE_ONE);
    module.method(PatchStatistics.observer(statistics));
    List<Layer.Convolution> convolutions = folded.graph().convolutions();
    List<String> body =
        source.forward(
            new FusedSource.Hook() {
              // Before the convolution, whose input may be overwritten by a residual add.
              @Override
              public void before(List<String> lines, Layer layer) {
                if (layer instanceof Layer.Convolution c) {
                  lines.add(PatchStatistics.observe(c, convolutions.indexOf(c)));
                }
              }

              @Override
              public void after(List<String> lines, Layer layer) {
                for (Observed tensor : tensors) {
                  if (tensor.layer() == layer) {
                    int range = folded.graph().source(tensor.node());
                    lines.add(observe(tensor, rows.indexOf(range), shared.get(range).signed()));
                  }
                }
              }
            });
    module.method(
        """
          def observe(self: __torch__.Calibration, images: Tensor, batch: Tensor, every: Tensor) -> Tensor:
        %s
            return logits
          def histograms(self: __torch__.Calibration, unused: Tensor) -> Tensor:
            return self.counts
          def ranges(self: __torch__.Calibration, unused: Tensor) -> Tensor:
            return self.limits
        """
            .formatted(ScriptModule.indent(body)));
    module.method(PatchStatistics.METHODS);
    ScriptArchive.write(module, List.of(folded.normalization().meanPixelTensor()), out);
  }

  private static String observe(Observed tensor, int row, boolean signed) {
    String variable =
        tensor.layer() instanceof Layer.Convolution c && tensor.node() != c.output()
            ? FusedSource.branch(c)
            : EagerSource.value(tensor.node());
    return "_0 = (self).observe_one(%s, %d, %s, \"%s\", int(batch))"
        .formatted(variable, row, signed ? "True" : "False", tensor.name());
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
        def flat(self: __torch__.Calibration, x: Tensor) -> Tensor:
          return torch.reshape(torch.permute(x, [0, 2, 3, 1]), [-1])
        def observe_one(self: __torch__.Calibration, x: Tensor, i: int, signed: bool, name: str, batch: int) -> Tensor:
          lowest, highest, = torch.aminmax((self).flat(x))
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
          step = ops.prim.max(torch.floordiv(torch.size(x, 2), %4$d), 1)
          start = torch.remainder(batch, step)
          seen = torch.slice(torch.slice(x, 2, start, 9223372036854775807, step), 3, start, 9223372036854775807, step)
          _7 = torch.add_(counts, torch.histc((self).flat(seen), %3$d, low, r))
          return counts
      """
          .formatted(BINS / 4, BINS / 2, BINS, PatchStatistics.GRID);
}
