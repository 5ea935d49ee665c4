package dev.octavo.program;

import dev.octavo.network.Node;
import dev.octavo.weights.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The fused float network as source and modules, as {@link FusedProgram} and {@link
 * CalibrationProgram} share it: convolutions by oneDNN on channels-last memory with weights
 * reordered once, at load.
 */
final class FusedSource {
  private static final String NO_SCALARS = "annotate(List[Optional[number]], [])";

  private final FoldedNetwork folded;
  private final FusionPlan plan;
  private final int imageSize;
  private final int batchSize;
  private final boolean bfloat16;
  private final Adds adds;

  /** How the residual adds are computed. */
  enum Adds {
    /** As part of the convolution that ends the branch. */
    FUSED,
    /** By themselves, with the branch in the variable {@link #branch}. */
    SEPARATE
  }

  /**
   * A source for batches of about {@code batchSize} images of {@code imageSize} pixels squared;
   * others run too, with weights that may be laid out less well for them.
   */
  FusedSource(FoldedNetwork folded, int imageSize, int batchSize, boolean bfloat16) {
    this(folded, imageSize, batchSize, bfloat16, Adds.FUSED);
  }

  FusedSource(FoldedNetwork folded, int imageSize, int batchSize, boolean bfloat16, Adds adds) {
    this.adds = adds;
    this.folded = folded;
    this.plan = FusionPlan.of(folded.network());
    this.imageSize = imageSize;
    this.batchSize = batchSize;
    this.bfloat16 = bfloat16;
  }

  FusionPlan plan() {
    return plan;
  }

  /** Adds one module of packed weights per convolution, and the classifier. */
  void addWeights(ScriptModule root) {
    int[] sizes = spatialSizes(folded.network().nodes(), imageSize);
    for (FusionPlan.Step step : plan.steps()) {
      if (step instanceof FusionPlan.Convolution c) {
        root.submodule(module(c.conv()), convolution(c.conv(), sizes));
      } else if (step instanceof FusionPlan.Plain p && p.node() instanceof Node.Linear l) {
        addLinear(root, l, folded.linearWeight(), folded.linearBias());
      }
    }
  }

  static void addLinear(ScriptModule root, Node.Linear l, float[] weight, float[] bias) {
    root.buffer(l.name() + ".weight", Tensor.of(weight, l.out(), l.in()));
    root.buffer(l.name() + ".bias", Tensor.of(bias, l.out()));
  }

  /** The height and width of every node's output for square images. */
  static int[] spatialSizes(List<Node> nodes, int imageSize) {
    int[] sizes = new int[nodes.size()];
    for (int i = 0; i < sizes.length; i++) {
      Node node = nodes.get(i);
      if (node instanceof Node.Conv c) {
        int in = c.input() == Node.PIXELS ? imageSize : sizes[c.input()];
        sizes[i] = (in + 2 * c.padding() - c.kernel()) / c.stride() + 1;
      } else if (node instanceof Node.MaxPool p) {
        sizes[i] = (sizes[p.input()] + 2 * p.padding() - p.kernel()) / p.stride() + 1;
      } else if (node instanceof Node.AddRelu a) {
        sizes[i] = sizes[a.branch()];
      } else {
        sizes[i] = 1;
      }
    }
    return sizes;
  }

  /** A module's attribute name for a convolution: dots can't be in it. */
  static String module(Node.Conv conv) {
    return conv.name().replace('.', '_');
  }

  private ScriptModule convolution(Node.Conv c, int[] sizes) {
    int size = c.input() == Node.PIXELS ? imageSize : sizes[c.input()];
    String cast = bfloat16 ? "torch.to(%s, 15)" : "%s";
    ScriptModule module = new ScriptModule("Convolution_" + module(c));
    module.packed(
        folded.convolutions().get(c.name()).tensors(c),
        List.of("weight", "bias"),
        List.of(
            "self.weight = ops.mkldnn._reorder_convolution_weight(%s, [%d, %d], [%d, %d], [1, 1], 1, [%d, %d, %d, %d])"
                .formatted(
                    cast.formatted("(state)[0]"),
                    c.padding(),
                    c.padding(),
                    c.stride(),
                    c.stride(),
                    batchSize,
                    c.inChannels(),
                    size,
                    size),
            "self.bias = " + cast.formatted("(state)[1]")));
    return module;
  }

  /** A hook for lines after a step. */
  interface AfterStep {
    void add(List<String> lines, FusionPlan.Step step);
  }

  /** Lines that turn uint8 {@code images} into {@code logits}. */
  List<String> forward(AfterStep afterStep) {
    List<String> lines = new ArrayList<>();
    lines.add("pixels = torch.sub(torch.to(torch.permute(images, [0, 3, 1, 2]), 6), CONSTANTS.c0)");
    if (bfloat16) {
      lines.add("pixels = torch.to(pixels, 15)");
    }
    String logits = "";
    for (FusionPlan.Step step : plan.steps()) {
      String out = EagerSource.value(step.output());
      if (step instanceof FusionPlan.Convolution c) {
        if (c.accumulates() && adds == Adds.SEPARATE) {
          lines.add("%s = %s".formatted(branch(c), convolve(c.conv(), "none")));
          lines.add(
              "%s = torch.relu_(torch.add(%s, %s))"
                  .formatted(out, branch(c), EagerSource.value(c.shortcut())));
        } else {
          lines.add("%s = %s".formatted(out, call(c)));
        }
      } else if (step instanceof FusionPlan.Plain p) {
        lines.add(plain(p.node(), out));
      }
      afterStep.add(lines, step);
      logits = out;
    }
    lines.add("logits = " + logits);
    return lines;
  }

  private static String plain(Node node, String out) {
    if (node instanceof Node.MaxPool p) {
      return EagerSource.maxPool(EagerSource.MAX_POOL, out, EagerSource.value(p.input()), p);
    }
    if (node instanceof Node.GlobalAveragePool g) {
      return "%s = torch.mean(%s, [2, 3], False, dtype=6)"
          .formatted(out, EagerSource.value(g.input()));
    }
    Node.Linear l = (Node.Linear) node;
    return "%s = torch.linear(%s, %s, %s)"
        .formatted(
            out,
            EagerSource.value(l.input()),
            ScriptModule.read(l.name() + ".weight"),
            ScriptModule.read(l.name() + ".bias"));
  }

  /** The variable that holds the end of a branch where adds are separate. */
  static String branch(FusionPlan.Convolution step) {
    return "branch_" + module(step.conv());
  }

  private static String call(FusionPlan.Convolution step) {
    Node.Conv c = step.conv();
    if (step.accumulates()) {
      return "ops.mkldnn._convolution_pointwise_(%s, %s, \"add\", 1., \"relu\", %s, None)"
          .formatted(EagerSource.value(step.shortcut()), operands(c), NO_SCALARS);
    }
    return convolve(c, step.relu() ? "relu" : "none");
  }

  private static String convolve(Node.Conv c, String activation) {
    return "ops.mkldnn._convolution_pointwise(%s, \"%s\", %s, None)"
        .formatted(operands(c), activation, NO_SCALARS);
  }

  private static String operands(Node.Conv c) {
    String weights = "self." + module(c);
    return "%s, %s.weight, %s.bias, [%d, %d], [%d, %d], [1, 1], 1"
        .formatted(
            EagerSource.value(c.input()),
            weights,
            weights,
            c.padding(),
            c.padding(),
            c.stride(),
            c.stride());
  }
}
