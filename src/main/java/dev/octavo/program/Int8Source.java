package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.weights.DType;
import dev.octavo.weights.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The int8 network as source and modules, as {@link Int8Program} and the programs that measure it
 * share it.
 *
 * <p>A tensor is either codes (uint8) or, where the network keeps it so, float32. A convolution
 * that touches a float tensor computes in float32: it dequantizes the codes that it reads and
 * quantizes its result where codes are wanted.
 */
final class Int8Source {
  private static final int FIRST_CONVOLUTION_PADDING = 3;

  private final QuantizedNetwork quantized;
  private final int imageSize;
  private final int batchSize;

  /**
   * A source for batches of about {@code batchSize} images of {@code imageSize} pixels squared;
   * others run too, with weights that may be packed less well for them.
   */
  Int8Source(QuantizedNetwork quantized, int imageSize, int batchSize) {
    this.quantized = quantized;
    this.imageSize = imageSize;
    this.batchSize = batchSize;
  }

  /** The variable that holds a node's output: codes, or float32 where it is kept so. */
  static String value(int node) {
    return node == Node.PIXELS ? "codes" : "q" + node;
  }

  /** The attribute of a convolution's packed integers: {@code weight, scale, zero, bias}. */
  static String module(Node.Conv conv) {
    return "int8_" + FusedSource.module(conv);
  }

  private static String floatModule(Node.Conv conv) {
    return "float_" + FusedSource.module(conv);
  }

  /** Adds one module of packed weights per convolution, and the classifier. */
  void addWeights(ScriptModule root) {
    Network network = quantized.network();
    int[] sizes = FusedSource.spatialSizes(network.nodes(), imageSize);
    for (Node node : network.nodes()) {
      if (node instanceof Node.Conv c) {
        int size =
            c.input() == Node.PIXELS ? imageSize + 2 * FIRST_CONVOLUTION_PADDING : sizes[c.input()];
        long[] inputShape = {batchSize, c.inChannels(), size, size};
        if (quantized.isFloat(c)) {
          root.submodule(floatModule(c), floatConvolution(c, inputShape));
        } else {
          root.submodule(module(c), convolution(c, inputShape));
        }
      } else if (node instanceof Node.Linear l) {
        root.buffer("int8_" + l.name() + ".weight", Tensor.of(scaled(), l.out(), l.in()));
        root.buffer("int8_" + l.name() + ".bias", Tensor.of(quantized.linearBias(), l.out()));
      }
    }
  }

  /**
   * Lines that pad {@code images}, uint8 NHWC or float32 NCHW in [0, 1], with the mean colour.
   *
   * @param colour the expression of {@link #meanColour()}
   */
  static List<String> pixels(String colour) {
    int p = FIRST_CONVOLUTION_PADDING;
    return List.of(
        "if torch.eq(ops.prim.dtype(images), 0):",
        "  pass",
        "else:",
        "  images = torch.to(torch.round(torch.mul(torch.permute(images, [0, 2, 3, 1]), 255.)), 0)",
        "height = torch.size(images, 1)",
        "width = torch.size(images, 2)",
        // Copying a row again and again is quicker than copying three bytes.
        "row = torch.repeat(%s, [1, 1, torch.add(width, %d), 1])".formatted(colour, 2 * p),
        "padded = torch.contiguous(torch.expand(row, [torch.size(images, 0), torch.add(height, %d), -1, -1]))"
            .formatted(2 * p),
        "_0 = torch.copy_(torch.narrow(torch.narrow(padded, 1, %d, height), 2, %d, width), images)"
            .formatted(p, p),
        "codes = torch.permute(padded, [0, 3, 1, 2])");
  }

  /** The padding's colour, {@code uint8 [1, 1, 1, 3]}. */
  static Tensor meanColour() {
    ByteBuffer rgb = ByteBuffer.allocate(3);
    for (int c : QuantizedNetwork.MEAN_COLOUR) {
      rgb.put((byte) c);
    }
    return Tensor.of(DType.UINT8, new long[] {1, 1, 1, 3}, rgb.flip());
  }

  private static int padding(Node.Conv c) {
    return c.input() == Node.PIXELS ? 0 : c.padding();
  }

  private static String strideAndPadding(Node.Conv c) {
    return "[%d, %d], [%d, %d]".formatted(c.stride(), c.stride(), padding(c), padding(c));
  }

  private ScriptModule convolution(Node.Conv c, long[] inputShape) {
    QuantizedNetwork.Conv integers = quantized.convolutions().get(c.name());
    QuantizedNetwork.Activation in = quantized.mapping(c.input());
    ScriptModule module = new ScriptModule("Int8_" + FusedSource.module(c));
    module.packed(
        List.of(
            Tensor.of(integers.weight(), c.outChannels(), c.inChannels(), c.kernel(), c.kernel()),
            Tensor.of(integers.scale(), c.outChannels()),
            Tensor.of(integers.bias(), c.outChannels())),
        List.of("weight", "scale", "zero", "bias"),
        List.of(
            "self.weight = ops.onednn.qconv_prepack((state)[0], (state)[1], %s, %d, %s, [1, 1], 1, %s)"
                .formatted(
                    literal(in.scale()), in.zeroPoint(), strideAndPadding(c), list(inputShape)),
            "self.scale = (state)[1]",
            "self.zero = torch.zeros([%d], dtype=3)".formatted(c.outChannels()),
            "self.bias = (state)[2]"));
    return module;
  }

  private ScriptModule floatConvolution(Node.Conv c, long[] inputShape) {
    FoldedNetwork.Conv weights = quantized.floatConvolutions().get(c.name());
    ScriptModule module = new ScriptModule("Float_" + FusedSource.module(c));
    module.packed(
        List.of(
            Tensor.of(weights.weight(), c.outChannels(), c.inChannels(), c.kernel(), c.kernel()),
            Tensor.of(weights.bias(), c.outChannels())),
        List.of("weight", "bias"),
        List.of(
            "self.weight = ops.mkldnn._reorder_convolution_weight((state)[0], [%d, %d], [%d, %d], [1, 1], 1, %s)"
                .formatted(padding(c), padding(c), c.stride(), c.stride(), list(inputShape)),
            "self.bias = (state)[1]"));
    return module;
  }

  private static String list(long[] shape) {
    return "[%d, %d, %d, %d]".formatted(shape[0], shape[1], shape[2], shape[3]);
  }

  /** Lines that compute a step's output from its inputs. */
  List<String> step(FusionPlan.Step step) {
    String out = value(step.output());
    if (step instanceof FusionPlan.Convolution c) {
      return quantized.isFloat(c.conv())
          ? floatCall(c)
          : List.of("%s = %s".formatted(out, call(c)));
    }
    Node node = ((FusionPlan.Plain) step).node();
    if (node instanceof Node.MaxPool p) {
      return List.of(maxPool(p, out));
    }
    if (node instanceof Node.GlobalAveragePool g) {
      return List.of(
          "%s = torch.mean(%s, [2, 3], False, dtype=6)".formatted(out, value(g.input())));
    }
    Node.Linear l = (Node.Linear) node;
    return List.of(
        "%s = torch.linear(%s, %s, %s)"
            .formatted(
                out,
                value(l.input()),
                ScriptModule.read("int8_" + l.name() + ".weight"),
                ScriptModule.read("int8_" + l.name() + ".bias")));
  }

  private String maxPool(Node.MaxPool p, String out) {
    // torch.max_pool2d takes bytes only as a quantized tensor, which means copying in and out.
    String operator =
        quantized.isFloat(p.input()) ? EagerSource.MAX_POOL : "ops.quantized.max_pool2d";
    return EagerSource.maxPool(operator, out, value(p.input()), p);
  }

  /** The fused integer convolution. */
  private String call(FusionPlan.Convolution step) {
    Node.Conv c = step.conv();
    QuantizedNetwork.Activation out = quantized.mapping(step.output());
    String relu = step.relu() ? "relu" : "none";
    String geometry =
        "self.%s.bias, %s, [1, 1], 1, %s, %d, 0, "
            .formatted(module(c), strideAndPadding(c), literal(out.scale()), out.zeroPoint());
    if (!step.accumulates()) {
      return head(c) + geometry + "\"%s\", %s, \"\")".formatted(relu, NO_SCALARS);
    }
    QuantizedNetwork.Activation shortcut = quantized.mapping(step.shortcut());
    return head(c)
        + value(step.shortcut())
        + ", "
        + geometry
        + "%s, %d, \"sum\", 1., \"%s\", %s, \"\")"
            .formatted(literal(shortcut.scale()), shortcut.zeroPoint(), relu, NO_SCALARS);
  }

  private static final String NO_SCALARS = "annotate(List[Optional[number]], [])";

  private String head(Node.Conv c) {
    QuantizedNetwork.Activation in = quantized.mapping(c.input());
    String m = "self." + module(c);
    return "ops.onednn.qconv2d_pointwise(%s, %s, %d, %s.weight, %s.scale, %s.zero, "
        .formatted(value(c.input()), literal(in.scale()), in.zeroPoint(), m, m, m);
  }

  private List<String> floatCall(FusionPlan.Convolution step) {
    Node.Conv c = step.conv();
    String out = value(step.output());
    String m = "self." + floatModule(c);
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s = ops.mkldnn._convolution_pointwise(%s, %s.weight, %s.bias, [%d, %d], [%d, %d], [1, 1], 1, \"none\", %s, None)"
            .formatted(
                out,
                real(c.input()),
                m,
                m,
                padding(c),
                padding(c),
                c.stride(),
                c.stride(),
                NO_SCALARS));
    if (step.accumulates()) {
      lines.add("%s = torch.add(%s, %s)".formatted(out, out, real(step.shortcut())));
    }
    if (step.relu()) {
      lines.add("%s = torch.relu(%s)".formatted(out, out));
    }
    if (!quantized.isFloat(step.output())) {
      QuantizedNetwork.Activation mapping = quantized.mapping(step.output());
      lines.add(
          "%s = torch.int_repr(torch.quantize_per_tensor(%s, %s, %d, 13))"
              .formatted(out, out, literal(mapping.scale()), mapping.zeroPoint()));
    }
    return lines;
  }

  /** The expression of a tensor's reals. */
  String real(int node) {
    if (quantized.isFloat(node)) {
      return value(node);
    }
    QuantizedNetwork.Activation mapping = quantized.mapping(node);
    return "torch.mul(torch.sub(torch.to(%s, 6), %d), %s)"
        .formatted(value(node), mapping.zeroPoint(), literal(mapping.scale()));
  }

  /** The variable that holds the logits. */
  String logits() {
    return value(quantized.network().nodes().size() - 1);
  }

  /** The expression of the features that the classifier reads, in reals. */
  String features() {
    String pooled = value(quantized.network().classifier().input());
    return quantized.isFloat(pooledNode())
        ? pooled
        : "torch.mul(%s, %s)".formatted(pooled, literal(pooledScale()));
  }

  /** The classifier's weights times the scale of the pooled codes, which the pool leaves out. */
  private float[] scaled() {
    float[] weight = quantized.linearWeight().clone();
    float scale = pooledScale();
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= scale;
    }
    return weight;
  }

  /** The real value of 1 in the pool's output: an average of codes, or of reals. */
  private float pooledScale() {
    if (quantized.isFloat(pooledNode())) {
      return 1;
    }
    QuantizedNetwork.Activation in = quantized.mapping(pooledNode());
    if (in.zeroPoint() != 0) {
      throw new IllegalArgumentException("the pooled tensor must have zero point 0");
    }
    return in.scale();
  }

  private int pooledNode() {
    Network network = quantized.network();
    return ((Node.GlobalAveragePool) network.nodes().get(network.classifier().input())).input();
  }

  private static String literal(float value) {
    return Double.toString(value);
  }
}
