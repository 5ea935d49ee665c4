package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Affine;
import dev.octavo.network.Gate;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.NodeVisitor;
import dev.octavo.torchscript.ScriptModule;
import dev.octavo.torchscript.SegmentedMethod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The backward half of {@link SyncedSource}: hands the gradients of the nodes' outputs on to their
 * parameters and to what they read.
 */
final class SyncedBackward implements NodeVisitor<Void> {
  private static final int CHANNELS_LAST = 2; // ATen's MemoryFormat

  private final Network network;
  private final FlatLayout layout;
  private final SegmentedMethod pieces;
  private final SyncedBatchNorm norms;
  private final SyncedForward forward;
  private final Map<Integer, String> outputGradients = new HashMap<>();
  private final Map<String, String> parameterGradients = new HashMap<>();

  SyncedBackward(
      Network network,
      FlatLayout layout,
      SegmentedMethod pieces,
      SyncedBatchNorm norms,
      SyncedForward forward) {
    this.network = network;
    this.layout = layout;
    this.pieces = pieces;
    this.norms = norms;
    this.forward = forward;
  }

  /** Adds the lines to {@code gradient}, given the expression of the logits' gradient. */
  void emit(String logitsGradient) {
    List<Node> nodes = network.nodes();
    receive(nodes.size() - 1, logitsGradient);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (outputGradients.containsKey(i)) {
        nodes.get(i).accept(i, this);
      }
    }
    List<String> flat =
        layout.parameters().stream()
            .map(e -> parameterGradients.get(e.name()))
            .map(g -> "torch.reshape(torch.to(%s, %d), [-1])".formatted(g, ScalarType.FLOAT))
            .toList();
    pieces.let("gradient", "torch.cat([%s])".formatted(String.join(", ", flat)));
    pieces.end("(losses, ranks, gradient)");
  }

  /** Adds a term to the gradient of a node's output, if anything depends on it. */
  private void receive(int node, String gradient) {
    if (forward.isDifferentiable(node)) {
      String before = outputGradients.get(node);
      String name = before == null ? "d" + node : before + "_sum";
      pieces.let(name, before == null ? gradient : "torch.add(%s, %s)".formatted(before, gradient));
      outputGradients.put(node, name);
    }
  }

  @Override
  public Void convolution(int index, Node.Conv c) {
    String dy = pieces.let("dz" + index, throughActivation(index, c.activation()));
    convolutionBackward(index, c, norms.backward(index, c, dy, parameterGradients));
    return null;
  }

  @Override
  public Void maxPool(int index, Node.MaxPool p) {
    receive(
        p.input(),
        "torch.max_pool2d_with_indices_backward(%s, %s, indices%d)"
            .formatted(
                outputGradients.get(index),
                EagerSource.maxPoolArguments(EagerSource.value(p.input()), p),
                index));
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
  public Void averagePool(int index, Node.AveragePool p) {
    receive(
        p.input(),
        "torch.avg_pool2d_backward(%s, %s)"
            .formatted(
                outputGradients.get(index),
                EagerSource.averagePoolArguments(EagerSource.value(p.input()), p)));
    return null;
  }

  @Override
  public Void concat(int index, Node.Concat c) {
    int from = 0;
    for (int input : c.inputs()) {
      int channels = network.channels(input);
      receive(input, EagerSource.slice(outputGradients.get(index), from, channels));
      from += channels;
    }
    return null;
  }

  @Override
  public Void channelSlice(int index, Node.ChannelSlice s) {
    int behind = network.channels(s.input()) - s.from() - s.channels();
    receive(
        s.input(),
        "torch.constant_pad_nd(%s, [0, 0, 0, 0, %d, %d])"
            .formatted(outputGradients.get(index), s.from(), behind));
    return null;
  }

  /** Shuffling the groups' members is undone by shuffling as many groups as each has members. */
  @Override
  public Void channelShuffle(int index, Node.ChannelShuffle s) {
    int channels = network.channels(s.input());
    String d = outputGradients.get(index);
    receive(s.input(), EagerSource.shuffled(d, channels, channels / s.groups()));
    return null;
  }

  /**
   * With {@code y = x * g} and {@code g} a function of the mean of {@code x}, the gradient of x is
   * {@code dy * g} and a share of that of the mean; the gradient of g is the sum of {@code dy * x}.
   */
  @Override
  public Void squeezeExcitation(int index, Node.SqueezeExcitation s) {
    String d = outputGradients.get(index);
    String x = EagerSource.value(s.input());
    String product = "torch.sum(torch.mul(%s, %s), [2, 3], False, dtype=%d)";
    String dGates = pieces.let("d_gates" + index, product.formatted(d, x, ScalarType.FLOAT));
    String dExcited = pieces.let("d_excited" + index, throughGate(index, s.gate(), dGates));
    String dHidden = pieces.let("d_hidden" + index, affine(s.excite(), dExcited, "hidden" + index));
    String dSqueezed =
        pieces.let(
            "d_squeezed" + index,
            throughActivation(s.activation(), dHidden, "hidden" + index, "squeezed" + index));
    String dMean = pieces.let("d_mean" + index, affine(s.squeeze(), dSqueezed, "mean_in" + index));
    String direct = "torch.mul(%s, %s)".formatted(d, map("gates" + index, s.channels()));
    String share = map(perElement(x, dMean), s.channels());
    receive(s.input(), "torch.add(%s, %s)".formatted(direct, share));
    return null;
  }

  private static String throughGate(int i, Gate gate, String d) {
    return switch (gate) {
      case SIGMOID -> "torch.sigmoid_backward(%s, gates%d)".formatted(d, i);
      case HARDSIGMOID -> "torch.hardsigmoid_backward(%s, excited%d)".formatted(d, i);
    };
  }

  /** Vectors {@code [N, C]} as maps of one pixel, in the type of gradients. */
  private String map(String vectors, int channels) {
    return "torch.to(%s, %d)".formatted(AffineSource.asMaps(vectors, channels), norms.type());
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
    String dz = pieces.let("dz" + index, throughActivation(index, l.activation()));
    receive(l.input(), affine(l.affine(), dz, EagerSource.value(l.input())));
    return null;
  }

  /**
   * Adds the gradients of an affine map's weight and bias; returns the expression of that of what
   * it reads.
   */
  private String affine(Affine a, String d, String in) {
    parameterGradient(a.name() + ".weight", "torch.mm(torch.t(%s), %s)".formatted(d, in));
    parameterGradient(a.name() + ".bias", "torch.sum(%s, [0])".formatted(d));
    return "torch.mm(%s, %s)".formatted(d, AffineSource.OF_STATE.weight(a));
  }

  /** The gradient of what a node is before its activation. */
  private String throughActivation(int i, Activation activation) {
    return throughActivation(
        activation, outputGradients.get(i), EagerSource.value(i), "before" + i);
  }

  /** The gradient of what is before an activation. */
  private static String throughActivation(
      Activation activation, String d, String after, String before) {
    return switch (activation) {
      case NONE -> d;
      case RELU -> "torch.threshold_backward(%s, %s, 0)".formatted(d, after);
      case RELU6 -> "torch.hardtanh_backward(%s, %s, 0., 6.)".formatted(d, after);
      case HARDSWISH -> "torch.hardswish_backward(%s, %s)".formatted(d, before);
      case SILU -> "torch.silu_backward(%s, %s)".formatted(d, before);
    };
  }

  private void parameterGradient(String parameter, String expression) {
    String name = "g_" + ScriptModule.identifier(parameter);
    parameterGradients.put(parameter, pieces.let(name, expression));
  }

  /** The gradient of a mean over height and width, channels-last like the map itself. */
  private String spread(String map, String d) {
    String each = "torch.to(%s, %d)".formatted(perElement(map, d), norms.type());
    return "torch.contiguous(torch.expand_as(torch.unsqueeze(torch.unsqueeze(%s, 2), 3), %s), memory_format=%d)"
        .formatted(each, map, CHANNELS_LAST);
  }

  /** A mean's gradient divided by the number of the map's pixels. */
  private static String perElement(String map, String d) {
    String area = "torch.mul(torch.size(%s, 2), torch.size(%s, 3))".formatted(map, map);
    return "torch.div(%s, %s)".formatted(d, area);
  }

  private void convolutionBackward(int i, Node.Conv c, String dx) {
    boolean onwards = forward.isDifferentiable(c.input());
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
}
