package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.torchscript.ScriptModule;
import dev.octavo.torchscript.SegmentedMethod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The source of a step whose batch norm uses the statistics of all workers' images. It is cut
 * wherever the workers must add up sums, and works out gradients by itself: autograd can't be cut.
 *
 * <p>Each trained convolution has two cuts. With {@code x} its output, {@code n} the number of
 * elements of a channel on all workers, and all sums over those:
 *
 * <ul>
 *   <li>forward, the sums of x and x² give {@code mean} and {@code var}, and these {@code y =
 *       weight * xhat + bias} where {@code xhat = (x - mean) * r} and {@code r = (var +
 *       epsilon)^(-1/2)};
 *   <li>backward, the sums {@code B} of dy and {@code G} of dy * xhat, which are also the gradients
 *       of bias and weight, give {@code dx = weight * r * (dy - B/n - xhat * G/n)} (Ioffe and
 *       Szegedy 2015, section 3).
 * </ul>
 *
 * <p>Names of values: {@code v3} is the output of node 3 and {@code d3} its gradient; {@code x3} is
 * the output of its convolution alone, with {@code n3}, {@code mean3}, {@code var3} as above.
 */
final class SyncedSource {
  private static final int FLOAT32 = EagerSource.FLOAT32;
  private static final int FLOAT64 = EagerSource.FLOAT64;
  private static final int CHANNELS_LAST = 2;
  private static final List<String> INPUTS = List.of("images", "given");

  private final List<Node> nodes;
  private final FlatLayout layout;
  private final EagerSource eager;
  private final int type;
  private final boolean dropout;
  private final SegmentedMethod pieces = new SegmentedMethod(INPUTS);
  private final Set<Integer> differentiable = new HashSet<>();
  private final Map<Integer, String> outputGradients = new HashMap<>();
  private final Map<String, String> parameterGradients = new HashMap<>();

  private SyncedSource(Network network, FlatLayout layout, boolean bf16) {
    this.nodes = network.nodes();
    this.layout = layout;
    this.dropout = network.hasDropout();
    this.eager = new EagerSource((node, conv) -> "False", DropoutSource.BY_BATCH, bf16);
    this.type = bf16 ? EagerSource.BFLOAT16 : FLOAT32;
  }

  /**
   * The methods {@code step_0(images, targets)}, {@code step_1(sums)} and so on, and {@code
   * update_statistics(sums)}.
   */
  static List<String> methods(Network network, FlatLayout layout, boolean bf16) {
    SyncedSource source = new SyncedSource(network, layout, bf16);
    source.forward();
    source.loss();
    source.backward();
    List<String> methods =
        new ArrayList<>(
            source.pieces.methods("Trainer", "step", INPUTS, "Tuple[Tensor, Tensor, Tensor]"));
    methods.add(updateStatistics(network, layout));
    return methods;
  }

  private void forward() {
    pieces.let("targets", "torch.clone(given)"); // the caller's memory is lent for one call
    pieces.lines(EagerSource.normalise(), List.of("scaled"));
    if (dropout) {
      pieces.lines(List.of(DropoutSource.seedOf("images")), List.of(DropoutSource.SEED));
    }
    pieces.lines(List.of("pixels = torch.to(pixels, %d)".formatted(type)), List.of("pixels"));
    Forward visitor = new Forward();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node.inputs().stream().anyMatch(differentiable::contains)) {
        differentiable.add(i);
      }
      node.accept(i, visitor);
    }
  }

  /** Computes a node's output. */
  private final class Forward implements Node.Visitor<Void> {
    private Void let(int index, String expression) {
      pieces.let(EagerSource.value(index), expression);
      return null;
    }

    @Override
    public Void convolution(int index, Node.Conv c) {
      if (layout.trains(c)) {
        differentiable.add(index);
      }
      SyncedSource.this.convolution(index, c);
      return null;
    }

    @Override
    public Void maxPool(int index, Node.MaxPool p) {
      pieces.let(
          List.of(EagerSource.value(index), "indices" + index),
          "torch.max_pool2d_with_indices(%s)".formatted(poolArguments(p)));
      return null;
    }

    @Override
    public Void add(int index, Node.Add a) {
      String branch = EagerSource.value(a.branch());
      String shortcut = EagerSource.value(a.shortcut());
      activate(index, a.activation(), "torch.add(%s, %s)".formatted(branch, shortcut));
      return null;
    }

    @Override
    public Void globalAveragePool(int index, Node.GlobalAveragePool p) {
      return let(index, EagerSource.mean(EagerSource.value(p.input())));
    }

    @Override
    public Void dropout(int index, Node.Dropout d) {
      String out = EagerSource.value(index);
      pieces.lines(
          DropoutSource.BY_BATCH.lines(out, EagerSource.value(d.input()), index, d.probability()),
          List.of(out + "_kept", out));
      return null;
    }

    @Override
    public Void linear(int index, Node.Linear l) {
      if (layout.trains(l)) {
        differentiable.add(index);
      }
      return let(index, EagerSource.linear(l, EagerSource.value(l.input())));
    }
  }

  /** Computes a node's output from what it is before its activation, which is kept if needed. */
  private void activate(int i, Activation activation, String before) {
    boolean kept =
        switch (activation) {
          case NONE, RELU, RELU6 -> false;
          case HARDSWISH, SILU -> true;
        };
    String x = kept ? pieces.let("before" + i, before) : before;
    pieces.let(EagerSource.value(i), EagerSource.activated(activation, x));
  }

  private void convolution(int i, Node.Conv c) {
    String weight = pieces.let("w" + i, eager.weight(c));
    String x = pieces.let("x" + i, EagerSource.conv2d(c, weight));
    String mean = ScriptModule.read(c.norm().name() + ".running_mean");
    String variance = ScriptModule.read(c.norm().name() + ".running_var");
    if (layout.trains(c)) {
      sumMoments(i, mean, variance);
      divideMoments(i, c.outChannels(), mean, variance);
      mean = "mean" + i;
      variance = "var" + i;
    }
    activate(i, c.activation(), EagerSource.batchNorm(c, x, mean, variance, "False"));
  }

  /** Ends the piece with the sums of x and x² by channel, and the number of elements of each. */
  private void sumMoments(int i, String runningMean, String runningVariance) {
    // The running statistics say that the result is float32. They are to stay, and wouldn't even
    // with momentum 0: a single value has no unbiased variance.
    pieces.let(
        List.of("own_mean" + i, "own_var" + i),
        "torch.batch_norm_update_stats(x%d, torch.clone(%s), torch.clone(%s), 0.)"
            .formatted(i, runningMean, runningVariance));
    String mean = pieces.let("wide_mean" + i, "torch.to(own_mean%d, %d)".formatted(i, FLOAT64));
    String count =
        pieces.let(
            "count" + i,
            "torch.mul(torch.size(x%1$d, 0), torch.mul(torch.size(x%1$d, 2), torch.size(x%1$d, 3)))"
                .formatted(i));
    String square = "torch.add(own_var%d, torch.mul(%s, %s))".formatted(i, mean, mean);
    pieces.end(
        "torch.cat([torch.mul(%2$s, %1$s), torch.mul(%3$s, %1$s), torch.full([1], %1$s, dtype=%4$d)])"
            .formatted(count, mean, square, FLOAT64));
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
    return "torch.where(torch.gt(n, 1), torch.to(%s, %d), %s)".formatted(statistic, FLOAT32, other);
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

  private void loss() {
    int last = nodes.size() - 1;
    pieces.let("logits", EagerSource.value(last));
    pieces.lines(TrainSource.targetLosses(), List.of("log_p", "losses", "chosen"));
    pieces.lines(TrainSource.ranks(), List.of("reference", "ranks"));
    // The gradient of -sum(t log softmax(z)) with respect to z is softmax(z) sum(t) - t.
    String expected = "torch.mul(torch.exp(log_p), torch.sum(targets, [1], True))";
    receive(last, "torch.to(torch.sub(%s, targets), %d)".formatted(expected, FLOAT32));
  }

  /** Adds a term to the gradient of a node's output, if anything depends on it. */
  private void receive(int node, String gradient) {
    if (differentiable.contains(node)) {
      String before = outputGradients.get(node);
      String name = before == null ? "d" + node : before + "_sum";
      pieces.let(name, before == null ? gradient : "torch.add(%s, %s)".formatted(before, gradient));
      outputGradients.put(node, name);
    }
  }

  private void backward() {
    Backward visitor = new Backward();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (outputGradients.containsKey(i)) {
        nodes.get(i).accept(i, visitor);
      }
    }
    List<String> flat =
        layout.parameters().stream()
            .map(e -> parameterGradients.get(e.name()))
            .map(g -> "torch.reshape(torch.to(%s, %d), [-1])".formatted(g, FLOAT32))
            .toList();
    pieces.let("gradient", "torch.cat([%s])".formatted(String.join(", ", flat)));
    pieces.end("(losses, ranks, gradient)");
  }

  /** Hands the gradient of a node's output on to its parameters and to what it reads. */
  private final class Backward implements Node.Visitor<Void> {
    @Override
    public Void convolution(int index, Node.Conv c) {
      String dy = pieces.let("dz" + index, throughActivation(index, c.activation()));
      convolutionBackward(index, c, throughBatchNorm(index, c, dy));
      return null;
    }

    @Override
    public Void maxPool(int index, Node.MaxPool p) {
      receive(
          p.input(),
          "torch.max_pool2d_with_indices_backward(%s, %s, indices%d)"
              .formatted(outputGradients.get(index), poolArguments(p), index));
      return null;
    }

    @Override
    public Void add(int index, Node.Add a) {
      String both = pieces.let("dz" + index, throughActivation(index, a.activation()));
      receive(a.branch(), both);
      receive(a.shortcut(), both);
      return null;
    }

    @Override
    public Void globalAveragePool(int index, Node.GlobalAveragePool p) {
      receive(p.input(), spread(EagerSource.value(p.input()), outputGradients.get(index)));
      return null;
    }

    @Override
    public Void dropout(int index, Node.Dropout d) {
      receive(
          d.input(),
          "torch.mul(%s, %s_kept)".formatted(outputGradients.get(index), EagerSource.value(index)));
      return null;
    }

    @Override
    public Void linear(int index, Node.Linear l) {
      SyncedSource.this.linear(l, outputGradients.get(index));
      return null;
    }
  }

  /** The gradient of what a node is before its activation. */
  private String throughActivation(int i, Activation activation) {
    String d = outputGradients.get(i);
    String v = EagerSource.value(i);
    return switch (activation) {
      case NONE -> d;
      case RELU -> "torch.threshold_backward(%s, %s, 0)".formatted(d, v);
      case RELU6 -> "torch.hardtanh_backward(%s, %s, 0., 6.)".formatted(d, v);
      case HARDSWISH -> "torch.hardswish_backward(%s, before%d)".formatted(d, i);
      case SILU -> "torch.silu_backward(%s, before%d)".formatted(d, i);
    };
  }

  private void linear(Node.Linear l, String d) {
    String in = EagerSource.value(l.input());
    String weight = ScriptModule.read(l.name() + ".weight");
    parameterGradient(l.name() + ".weight", "torch.mm(torch.t(%s), %s)".formatted(d, in));
    parameterGradient(l.name() + ".bias", "torch.sum(%s, [0])".formatted(d));
    receive(l.input(), "torch.mm(%s, %s)".formatted(d, weight));
  }

  private void parameterGradient(String parameter, String expression) {
    String name = "g_" + parameter.replace('.', '_');
    parameterGradients.put(parameter, pieces.let(name, expression));
  }

  /** The gradient of a mean over height and width, channels-last like the map itself. */
  private String spread(String map, String d) {
    String area = "torch.mul(torch.size(%s, 2), torch.size(%s, 3))".formatted(map, map);
    String each = "torch.to(torch.div(%s, %s), %d)".formatted(d, area, type);
    return "torch.contiguous(torch.expand_as(torch.unsqueeze(torch.unsqueeze(%s, 2), 3), %s), memory_format=%d)"
        .formatted(each, map, CHANNELS_LAST);
  }

  /** The gradient of the convolution's output alone. */
  private String throughBatchNorm(int i, Node.Conv c, String dy) {
    String weight = ScriptModule.read(c.norm().name() + ".weight");
    if (!layout.trains(c)) {
      String variance = ScriptModule.read(c.norm().name() + ".running_var");
      String factor = "torch.mul(%s, %s)".formatted(weight, inverseDeviation(variance, c));
      return "torch.to(torch.mul(%s, %s), %d)".formatted(dy, perChannel(factor), type);
    }
    String dWeight = "g_" + c.norm().name().replace('.', '_') + "_weight";
    String dBias = "g_" + c.norm().name().replace('.', '_') + "_bias";
    pieces.let(
        List.of("none" + i, dWeight, dBias),
        "torch.native_batch_norm_backward(%2$s, x%1$d, %3$s, mean%1$d, var%1$d, None, None, False, %4$s, [False, True, True])"
            .formatted(i, dy, weight, c.norm().epsilon()));
    parameterGradients.put(c.norm().name() + ".weight", dWeight);
    parameterGradients.put(c.norm().name() + ".bias", dBias);
    pieces.end("torch.to(torch.cat([%s, %s]), %d)".formatted(dBias, dWeight, FLOAT64));
    int channels = c.outChannels();
    // dx = k dy + b x + a, with the formula of the class comment sorted by powers of x
    pieces.lines(
        List.of(
            "r = " + inverseDeviation("torch.to(var%d, %d)".formatted(i, FLOAT64), c),
            "k = torch.mul(r, %s)".formatted(weight),
            "bias_term = torch.div(torch.narrow(sums, 0, 0, %d), n%d)".formatted(channels, i),
            "weight_term = torch.div(torch.narrow(sums, 0, %d, %d), n%d)"
                .formatted(channels, channels, i),
            "b = torch.neg(torch.mul(torch.mul(k, r), weight_term))",
            "a = torch.neg(torch.add(torch.mul(k, bias_term), torch.mul(b, mean%d)))".formatted(i)),
        List.of());
    String affine =
        "torch.addcmul(%s, torch.to(x%d, %d), %s)"
            .formatted(perChannel("a"), i, FLOAT32, perChannel("b"));
    return "torch.to(torch.addcmul_(%s, torch.to(%s, %d), %s), %d)"
        .formatted(affine, dy, FLOAT32, perChannel("k"), type);
  }

  private static String inverseDeviation(String variance, Node.Conv c) {
    return "torch.rsqrt(torch.add(%s, %s))".formatted(variance, c.norm().epsilon());
  }

  private static String perChannel(String vector) {
    return "torch.view(torch.to(%s, %d), [1, -1, 1, 1])".formatted(vector, FLOAT32);
  }

  private void convolutionBackward(int i, Node.Conv c, String dx) {
    boolean onwards = differentiable.contains(c.input());
    boolean trained = layout.trains(c);
    List<String> names = List.of("in" + i, "dw" + i, "no_bias" + i);
    pieces.let(
        names,
        "torch.convolution_backward(%s, %s, w%d, None, %s, [%s, %s, False])"
            .formatted(
                dx,
                EagerSource.value(c.input()),
                i,
                ConvArguments.backward(c.geometry()),
                onwards ? "True" : "False",
                trained ? "True" : "False"));
    if (trained) {
      parameterGradients.put(c.name() + ".weight", "dw" + i);
    }
    receive(c.input(), "in" + i);
  }

  private static String poolArguments(Node.MaxPool p) {
    return EagerSource.maxPoolArguments(EagerSource.value(p.input()), p);
  }

  /** Moves the running statistics by the sums of all forward cuts, one after the other. */
  private static String updateStatistics(Network network, FlatLayout layout) {
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
