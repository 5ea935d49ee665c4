package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The source of a network's forward pass with plain operators and separate batch norm, as the
 * portable and the train program share it.
 *
 * @param batchStatistics the expression that says whether a convolution's batch norm uses the
 *     batch's statistics and updates the running ones
 * @param bfloat16 whether convolutions run in bfloat16, with parameters, statistics and logits in
 *     float32
 */
record EagerSource(Function<Node.Conv, String> batchStatistics, boolean bfloat16) {
  static final int FLOAT32 = 6;
  static final int FLOAT64 = 7;
  static final int BFLOAT16 = 15;

  /** The operator that pools float tensors. */
  static final String MAX_POOL = "torch.max_pool2d";

  private static final double BATCH_NORM_MOMENTUM = 0.1;
  private static final double BATCH_NORM_EPSILON = 1e-5;

  /** torchvision's share of a batch's statistics in the running ones. */
  static double batchNormMomentum() {
    return BATCH_NORM_MOMENTUM;
  }

  /** torchvision's epsilon of batch norm, added to the variance. */
  static double batchNormEpsilon() {
    return BATCH_NORM_EPSILON;
  }

  /**
   * Lines that turn {@code images} (uint8 NHWC, or float32 NCHW in [0, 1]) into normalised {@code
   * pixels}.
   */
  static List<String> normalise() {
    return List.of(
        "if torch.eq(ops.prim.dtype(images), 0):",
        "  scaled = torch.div(torch.to(torch.permute(images, [0, 3, 1, 2]), 6), 255.)",
        "else:",
        "  scaled = images",
        "pixels = torch.div(torch.sub(scaled, CONSTANTS.c0), CONSTANTS.c1)");
  }

  /** Lines that turn {@code pixels} into {@code logits}. */
  List<String> forward(Network network) {
    List<Node> nodes = network.nodes();
    List<String> lines = lines(nodes);
    lines.add("logits = " + value(nodes.size() - 1));
    return lines;
  }

  /** Lines that turn {@code pixels} into {@code features}: what the last node reads. */
  List<String> features(Network network) {
    List<Node> nodes = network.nodes().subList(0, network.nodes().size() - 1);
    List<String> lines = lines(nodes);
    lines.add("features = " + value(nodes.size() - 1));
    return lines;
  }

  private List<String> lines(List<Node> nodes) {
    List<String> lines = new ArrayList<>();
    if (bfloat16) {
      lines.add("pixels = torch.to(pixels, %d)".formatted(BFLOAT16));
    }
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      String out = value(i);
      if (node instanceof Node.Conv c) {
        convolution(lines, out, c);
      } else if (node instanceof Node.MaxPool p) {
        lines.add(maxPool(MAX_POOL, out, value(p.input()), p));
      } else if (node instanceof Node.AddRelu a) {
        lines.add(
            "%s = torch.relu_(torch.add(%s, %s))"
                .formatted(out, value(a.branch()), value(a.shortcut())));
      } else if (node instanceof Node.GlobalAveragePool p) {
        lines.add("%s = %s".formatted(out, mean(p)));
      } else if (node instanceof Node.Linear l) {
        lines.add("%s = %s".formatted(out, linear(l, value(l.input()))));
      }
    }
    return lines;
  }

  /** The variable that holds a node's output. */
  static String value(int node) {
    return node == Node.PIXELS ? "pixels" : "v" + node;
  }

  /** A mean in float32, whatever the type of the feature map. */
  static String mean(Node.GlobalAveragePool p) {
    return "torch.mean(%s, [2, 3], False, dtype=%d)".formatted(value(p.input()), FLOAT32);
  }

  static String linear(Node.Linear l, String in) {
    return "torch.linear(%s, %s, %s)"
        .formatted(
            in, ScriptModule.read(l.name() + ".weight"), ScriptModule.read(l.name() + ".bias"));
  }

  static String maxPool(String operator, String out, String in, Node.MaxPool p) {
    return "%s = %s(%s, [%d, %d], [%d, %d], [%d, %d], [1, 1], False)"
        .formatted(
            out,
            operator,
            in,
            p.kernel(),
            p.kernel(),
            p.stride(),
            p.stride(),
            p.padding(),
            p.padding());
  }

  private void convolution(List<String> lines, String out, Node.Conv c) {
    lines.add("%s = %s".formatted(out, conv2d(c, weight(c))));
    String mean = ScriptModule.read(c.norm() + ".running_mean");
    String variance = ScriptModule.read(c.norm() + ".running_var");
    String statistics = batchStatistics.apply(c);
    lines.add("%s = %s".formatted(out, batchNorm(c, out, mean, variance, statistics)));
    if (c.relu()) {
      lines.add("%s = torch.relu_(%s)".formatted(out, out));
    }
  }

  /** The weight of a convolution in the type that it computes in. */
  String weight(Node.Conv c) {
    String weight = ScriptModule.read(c.name() + ".weight");
    return bfloat16 ? "torch.to(%s, %d)".formatted(weight, BFLOAT16) : weight;
  }

  static String conv2d(Node.Conv c, String weight) {
    return "torch.conv2d(%s, %s, None, [%d, %d], [%d, %d], [1, 1], 1)"
        .formatted(value(c.input()), weight, c.stride(), c.stride(), c.padding(), c.padding());
  }

  static String batchNorm(
      Node.Conv c, String in, String mean, String variance, String batchStatistics) {
    return "torch.batch_norm(%s, %s, %s, %s, %s, %s, %s, %s, False)"
        .formatted(
            in,
            ScriptModule.read(c.norm() + ".weight"),
            ScriptModule.read(c.norm() + ".bias"),
            mean,
            variance,
            batchStatistics,
            BATCH_NORM_MOMENTUM,
            BATCH_NORM_EPSILON);
  }
}
