package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.torchscript.ScriptModule;
import dev.octavo.torchscript.SegmentedMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Batch norm of {@link SyncedSource}, by the formulas there: over the images of all workers where
 * the layout trains it, else with the running statistics.
 */
final class SyncedBatchNorm {
  private final FlatLayout layout;
  private final SegmentedMethod pieces;
  private final int type;

  SyncedBatchNorm(FlatLayout layout, SegmentedMethod pieces, Precision precision) {
    this.layout = layout;
    this.pieces = pieces;
    this.type = SyncedSource.type(precision);
  }

  /** The type of the gradients that {@link #backward} gives. */
  int type() {
    return type;
  }

  /** The expression of the normalised output {@code x} of a convolution. */
  String normalise(int i, Node.Conv c, String x) {
    String mean = ScriptModule.read(c.norm().name() + ".running_mean");
    String variance = ScriptModule.read(c.norm().name() + ".running_var");
    if (layout.trains(c)) {
      sumMoments(i, mean, variance);
      divideMoments(i, c.outChannels(), mean, variance);
      mean = "mean" + i;
      variance = "var" + i;
    }
    return EagerSource.batchNorm(c, x, mean, variance, "False");
  }

  /** Ends the piece with the sums of x and x² by channel, and the number of elements of each. */
  private void sumMoments(int i, String runningMean, String runningVariance) {
    // The running statistics say that the result is float32. They are to stay, and wouldn't even
    // with momentum 0: a single value has no unbiased variance.
    pieces.let(
        List.of("own_mean" + i, "own_var" + i),
        "torch.batch_norm_update_stats(x%d, torch.clone(%s), torch.clone(%s), 0.)"
            .formatted(i, runningMean, runningVariance));
    String mean =
        pieces.let("wide_mean" + i, "torch.to(own_mean%d, %d)".formatted(i, ScalarType.DOUBLE));
    String count =
        pieces.let(
            "count" + i,
            "torch.mul(torch.size(x%1$d, 0), torch.mul(torch.size(x%1$d, 2), torch.size(x%1$d, 3)))"
                .formatted(i));
    String square = "torch.add(own_var%d, torch.mul(%s, %s))".formatted(i, mean, mean);
    pieces.end(
        "torch.cat([torch.mul(%2$s, %1$s), torch.mul(%3$s, %1$s), torch.full([1], %1$s, dtype=%4$d)])"
            .formatted(count, mean, square, ScalarType.DOUBLE));
  }

  /** One value has no variance: the running statistics count then, as if of infinitely many. */
  private void divideMoments(int i, int channels, String runningMean, String runningVariance) {
    pieces.lines(moments("sums", 0, channels), List.of());
    pieces.let("n" + i, "torch.div(n, torch.gt(n, 1))");
    pieces.let("mean" + i, ofSeveral("mean", runningMean));
    pieces.let("var" + i, ofSeveral("variance", runningVariance));
  }

  /** A statistic, float32, where it is of more than one value, else another. */
  private static String ofSeveral(String statistic, String other) {
    return "torch.where(torch.gt(n, 1), torch.to(%s, %d), %s)"
        .formatted(statistic, ScalarType.FLOAT, other);
  }

  /** Lines that turn sums into {@code n}, {@code mean} and {@code variance}, float64. */
  private static List<String> moments(String sums, int offset, int channels) {
    return List.of(
        "n = torch.clone(torch.narrow(%s, 0, %d, 1))".formatted(sums, offset + 2 * channels),
        "mean = torch.div(torch.narrow(%s, 0, %d, %d), n)".formatted(sums, offset, channels),
        "square = torch.div(torch.narrow(%s, 0, %d, %d), n)"
            .formatted(sums, offset + channels, channels),
        "variance = torch.clamp_min(torch.sub(square, torch.mul(mean, mean)), 0.)");
  }

  /**
   * The gradient of the convolution's output alone.
   *
   * @param dy gradient of batch norm's output
   * @param parameterGradients takes those of weight and bias, by name, where they are trained
   */
  String backward(int i, Node.Conv c, String dy, Map<String, String> parameterGradients) {
    String weight = ScriptModule.read(c.norm().name() + ".weight");
    if (!layout.trains(c)) {
      String variance = ScriptModule.read(c.norm().name() + ".running_var");
      String factor = "torch.mul(%s, %s)".formatted(weight, inverseDeviation(variance, c));
      return "torch.to(torch.mul(%s, %s), %d)".formatted(dy, perChannel(factor), type);
    }
    String dWeight = "g_" + ScriptModule.identifier(c.norm().name()) + "_weight";
    String dBias = "g_" + ScriptModule.identifier(c.norm().name()) + "_bias";
    pieces.let(
        List.of("none" + i, dWeight, dBias),
        "torch.native_batch_norm_backward(%2$s, x%1$d, %3$s, mean%1$d, var%1$d, None, None, False, %4$s, [False, True, True])"
            .formatted(i, dy, weight, c.norm().epsilon()));
    parameterGradients.put(c.norm().name() + ".weight", dWeight);
    parameterGradients.put(c.norm().name() + ".bias", dBias);
    pieces.end("torch.to(torch.cat([%s, %s]), %d)".formatted(dBias, dWeight, ScalarType.DOUBLE));
    int channels = c.outChannels();
    // dx = k dy + b x + a, with the formula of the class comment sorted by powers of x
    pieces.lines(
        List.of(
            "r = " + inverseDeviation("torch.to(var%d, %d)".formatted(i, ScalarType.DOUBLE), c),
            "k = torch.mul(r, %s)".formatted(weight),
            "bias_term = torch.div(torch.narrow(sums, 0, 0, %d), n%d)".formatted(channels, i),
            "weight_term = torch.div(torch.narrow(sums, 0, %d, %d), n%d)"
                .formatted(channels, channels, i),
            "b = torch.neg(torch.mul(torch.mul(k, r), weight_term))",
            "a = torch.neg(torch.add(torch.mul(k, bias_term), torch.mul(b, mean%d)))".formatted(i)),
        List.of());
    String affine =
        "torch.addcmul(%s, torch.to(x%d, %d), %s)"
            .formatted(perChannel("a"), i, ScalarType.FLOAT, perChannel("b"));
    return "torch.to(torch.addcmul_(%s, torch.to(%s, %d), %s), %d)"
        .formatted(affine, dy, ScalarType.FLOAT, perChannel("k"), type);
  }

  private static String inverseDeviation(String variance, Node.Conv c) {
    return "torch.rsqrt(torch.add(%s, %s))".formatted(variance, c.norm().epsilon());
  }

  private static String perChannel(String vector) {
    return "torch.view(torch.to(%s, %d), [1, -1, 1, 1])".formatted(vector, ScalarType.FLOAT);
  }

  /** Moves the running statistics by the sums of all forward cuts, one after the other. */
  static String updateStatistics(Network network, FlatLayout layout) {
    List<String> body = new ArrayList<>(List.of("torch.set_grad_enabled(False)"));
    int offset = 0;
    for (Node.Conv c : network.convolutions()) {
      if (layout.trains(c)) {
        body.addAll(moments("sums", offset, c.outChannels()));
        body.add(
            "unbiased = torch.div(torch.mul(variance, n), torch.clamp_min(torch.sub(n, 1), 1))");
        body.add(move(c.norm().name() + ".running_mean", "mean", c));
        body.add(move(c.norm().name() + ".running_var", "unbiased", c));
        offset += 2 * c.outChannels() + 1;
      }
    }
    return """
      def update_statistics(self: __torch__.Trainer, sums: Tensor) -> Tensor:
    %s
        return torch.empty([0])
    """
        .formatted(ScriptModule.indent(body));
  }

  private static String move(String running, String batch, Node.Conv c) {
    String before = ScriptModule.read(running);
    return "_0 = torch.lerp_(%s, %s, %s)"
        .formatted(before, ofSeveral(batch, before), c.norm().momentum());
  }
}
