package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.NodeVisitor;
import dev.octavo.torchscript.ScriptModule;
import java.util.ArrayList;
import java.util.List;

/**
 * The source of a network's forward pass with plain operators and separate batch norm, as the
 * portable and the train program share it.
 *
 * @param batchStatistics the expression that says whether a convolution's batch norm uses the
 *     batch's statistics and updates the running ones
 * @param dropout what dropout does
 * @param precision of the convolutions; parameters, statistics and logits are float32
 */
record EagerSource(BatchStatistics batchStatistics, DropoutSource dropout, Precision precision) {
  /** The statistics that batch norm normalises with. */
  interface BatchStatistics {
    /** The expression for a convolution, whose output is in its node's variable. */
    String of(int node, Node.Conv conv);
  }

  /** The operator that pools float tensors. */
  static final String MAX_POOL = "torch.max_pool2d";

  /**
   * Lines that turn {@code images} (uint8 NHWC, or float32 NCHW in [0, 1]) into normalised {@code
   * pixels}.
   */
  static List<String> normalise() {
    return List.of(
        "if torch.eq(ops.prim.dtype(images), %d):".formatted(ScalarType.BYTE),
        "  scaled = torch.div(torch.to(torch.permute(images, [0, 3, 1, 2]), %d), 255.)"
            .formatted(ScalarType.FLOAT),
        "else:",
        "  scaled = images",
        "pixels = torch.div(torch.sub(scaled, CONSTANTS.c0), CONSTANTS.c1)");
  }

  /** Lines that turn {@code pixels} into {@code logits}. */
  List<String> forward(Network network) {
    List<Node> nodes = network.nodes();
    List<String> lines = lines(network, nodes);
    lines.add("logits = " + value(nodes.size() - 1));
    return lines;
  }

  /** Lines that turn {@code pixels} into {@code features}: what the last node reads. */
  List<String> features(Network network) {
    List<Node> nodes = network.nodes().subList(0, network.nodes().size() - 1);
    List<String> lines = lines(network, nodes);
    lines.add("features = " + value(nodes.size() - 1));
    return lines;
  }

  private List<String> lines(Network network, List<Node> nodes) {
    List<String> lines = new ArrayList<>();
    if (precision == Precision.BF16) {
      lines.add("pixels = torch.to(pixels, %d)".formatted(ScalarType.BFLOAT16));
    }
    Emitter emitter = new Emitter(network, lines);
    for (int i = 0; i < nodes.size(); i++) {
      nodes.get(i).accept(i, emitter);
    }
    return lines;
  }

  /** Adds the lines that compute a node's output. */
  private final class Emitter implements NodeVisitor<Void> {
    private final Network network;
    private final List<String> lines;

    Emitter(Network network, List<String> lines) {
      this.network = network;
      this.lines = lines;
    }

    private Void let(int index, String expression) {
      lines.add("%s = %s".formatted(value(index), expression));
      return null;
    }

    @Override
    public Void convolution(int index, Node.Conv c) {
      String out = value(index);
      let(index, conv2d(c, weight(c)));
      String mean = ScriptModule.read(c.norm().name() + ".running_mean");
      String variance = ScriptModule.read(c.norm().name() + ".running_var");
      let(index, batchNorm(c, out, mean, variance, batchStatistics.of(index, c)));
      if (c.activation() != Activation.NONE) {
        let(index, activated(c.activation(), out));
      }
      return null;
    }

    @Override
    public Void maxPool(int index, Node.MaxPool p) {
      lines.add(EagerSource.maxPool(MAX_POOL, value(index), value(p.input()), p));
      return null;
    }

    @Override
    public Void add(int index, Node.Add a) {
      String sum = "torch.add(%s, %s)".formatted(value(a.branch()), value(a.shortcut()));
      return let(index, activated(a.activation(), sum));
    }

    @Override
    public Void averagePool(int index, Node.AveragePool p) {
      return let(index, EagerSource.averagePool(value(p.input()), p));
    }

    @Override
    public Void concat(int index, Node.Concat c) {
      return let(index, concatenated(c.inputs().stream().map(EagerSource::value).toList()));
    }

    @Override
    public Void channelSlice(int index, Node.ChannelSlice s) {
      return let(index, slice(value(s.input()), s.from(), s.channels()));
    }

    @Override
    public Void channelShuffle(int index, Node.ChannelShuffle s) {
      return let(index, shuffled(value(s.input()), network.channels(s.input()), s.groups()));
    }

    @Override
    public Void squeezeExcitation(int index, Node.SqueezeExcitation s) {
      String x = value(s.input());
      String gates = AffineSource.OF_STATE.gates(s, mean(x));
      return let(index, excited(x, gates, s.channels(), precision));
    }

    @Override
    public Void globalAveragePool(int index, Node.GlobalAveragePool p) {
      return let(index, mean(value(p.input())));
    }

    @Override
    public Void dropout(int index, Node.Dropout d) {
      lines.addAll(dropout.lines(value(index), value(d.input()), index, d));
      return null;
    }

    @Override
    public Void linear(int index, Node.Linear l) {
      return let(index, AffineSource.OF_STATE.apply(l, value(l.input())));
    }
  }

  static String concatenated(List<String> maps) {
    return "torch.cat([%s], 1)".formatted(String.join(", ", maps));
  }

  static String slice(String map, int from, int channels) {
    return "torch.narrow(%s, 1, %d, %d)".formatted(map, from, channels);
  }

  /** The expression of shuffled channels, which are neighbours in memory. */
  static String shuffled(String map, int channels, int groups) {
    return "torch.permute(torch.flatten(torch.permute(torch.unflatten(%s, 1, [%d, %d]), [0, 3, 4, 2, 1]), 3), [0, 3, 1, 2])"
        .formatted(map, groups, channels / groups);
  }

  /** The variable that holds a node's output. */
  static String value(int node) {
    return node == Node.PIXELS ? "pixels" : "v" + node;
  }

  /** The mean of a feature map over height and width, in float32 whatever its type. */
  static String mean(String map) {
    return "torch.mean(%s, [2, 3], False, dtype=%d)".formatted(map, ScalarType.FLOAT);
  }

  /** The expression of an activation of a tensor that nobody else needs: its memory is reused. */
  static String activated(Activation activation, String x) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> "torch.relu_(%s)".formatted(x);
      case RELU6 -> "torch.hardtanh_(%s, 0., 6.)".formatted(x);
      case HARDSWISH -> "torch.hardswish(%s)".formatted(x);
      case SILU -> "torch.silu(%s)".formatted(x);
    };
  }

  /** The expression of a feature map times float32 gates {@code [N, C]}, in the map's type. */
  static String excited(String map, String gates, int channels, Precision precision) {
    String factor = AffineSource.asMaps(gates, channels);
    return precision == Precision.BF16
        ? "torch.mul(%s, torch.to(%s, %d))".formatted(map, factor, ScalarType.BFLOAT16)
        : "torch.mul(%s, %s)".formatted(map, factor);
  }

  static String maxPool(String operator, String out, String in, Node.MaxPool p) {
    return "%s = %s(%s)".formatted(out, operator, maxPoolArguments(in, p));
  }

  static String maxPoolArguments(String in, Node.MaxPool p) {
    return "%s, %s, %s, %s, [1, 1], %s"
        .formatted(
            in,
            ConvArguments.pair(p.kernel()),
            ConvArguments.pair(p.stride()),
            ConvArguments.pair(p.padding()),
            p.rounding() == Node.MaxPool.Rounding.CEIL ? "True" : "False");
  }

  static String averagePool(String in, Node.AveragePool p) {
    return "torch.avg_pool2d(%s)".formatted(averagePoolArguments(in, p));
  }

  static String averagePoolArguments(String in, Node.AveragePool p) {
    return "%s, %s, %s, %s, False, True, None"
        .formatted(
            in,
            ConvArguments.pair(p.kernel()),
            ConvArguments.pair(p.stride()),
            ConvArguments.pair(p.padding()));
  }

  /** The weight of a convolution in the type that it computes in. */
  String weight(Node.Conv c) {
    String weight = ScriptModule.read(c.name() + ".weight");
    return precision == Precision.BF16
        ? "torch.to(%s, %d)".formatted(weight, ScalarType.BFLOAT16)
        : weight;
  }

  static String conv2d(Node.Conv c, String weight) {
    return "torch.conv2d(%s, %s, None, %s)"
        .formatted(value(c.input()), weight, ConvArguments.strideFirst(c.geometry()));
  }

  static String batchNorm(
      Node.Conv c, String in, String mean, String variance, String batchStatistics) {
    return "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, False)"
        .formatted(
            in,
            ScriptModule.read(c.norm().name() + ".weight"),
            ScriptModule.read(c.norm().name() + ".bias"),
            mean,
            variance,
            batchStatistics,
            c.norm().momentum(),
            c.norm().epsilon());
  }
}
