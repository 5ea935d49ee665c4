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
 * share it. What depends on the {@linkplain Int8Operators operators} is left to subclasses.
 *
 * <p>A tensor is either codes or, where the network keeps it so, float32. A convolution that
 * touches a float tensor computes in float32: it dequantizes the codes that it reads and quantizes
 * its result where codes are wanted.
 */
abstract class Int8Source {
  static final int FIRST_CONVOLUTION_PADDING = 3;
  static final String NO_SCALARS = "annotate(List[Optional[number]], [])";

  private final QuantizedNetwork quantized;
  private final int imageSize;
  private final int batchSize;

  Int8Source(QuantizedNetwork quantized, int imageSize, int batchSize) {
    this.quantized = quantized;
    this.imageSize = imageSize;
    this.batchSize = batchSize;
  }

  /**
   * A source for batches of about {@code batchSize} images of {@code imageSize} pixels squared;
   * others run too, with weights that may be packed less well for them.
   */
  static Int8Source of(
      Int8Operators operators, QuantizedNetwork quantized, int imageSize, int batchSize) {
    return operators == Int8Operators.ONEDNN
        ? new OnednnInt8Source(quantized, imageSize, batchSize)
        : new PortableInt8Source(quantized, imageSize, batchSize);
  }

  /** Makes a module pack a convolution's integers when it is loaded. */
  abstract void pack(ScriptModule module, Node.Conv c, long[] inputShape);

  /** The expression that packs the float weights {@code (state)[0]} of a convolution. */
  abstract String packFloat(Node.Conv c, long[] inputShape);

  /** The expression that turns {@code padded}, uint8 NHWC, into codes, channels first. */
  abstract String codesOfPixels();

  /** Lines that compute the codes of a step whose convolution is in integers. */
  abstract List<String> call(FusionPlan.Convolution step);

  /** The expression of a convolution in float32, without what is fused into it. */
  abstract String floatCall(Node.Conv c);

  /** The expression that turns reals into codes. */
  abstract String quantize(String reals, QuantizedNetwork.Activation mapping);

  /** The expression of the reals of a node that holds codes. */
  abstract String dequantize(int node);

  /** The expression of a node's codes as a plain tensor. */
  abstract String bytes(int node);

  QuantizedNetwork quantized() {
    return quantized;
  }

  /** The variable that holds a node's output: codes, or float32 where it is kept so. */
  static String value(int node) {
    return node == Node.PIXELS ? "codes" : "q" + node;
  }

  /** The attribute of a convolution's packed integers: {@code weight, scale, zero, bias}. */
  static String module(Node.Conv conv) {
    return "int8_" + FusedSource.module(conv);
  }

  static String floatModule(Node.Conv conv) {
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
          ScriptModule module = new ScriptModule("Float_" + FusedSource.module(c));
          module.packed(
              quantized.floatConvolutions().get(c.name()).tensors(c),
              List.of("weight", "bias"),
              List.of("self.weight = " + packFloat(c, inputShape), "self.bias = (state)[1]"));
          root.submodule(floatModule(c), module);
        } else {
          ScriptModule module = new ScriptModule("Int8_" + FusedSource.module(c));
          pack(module, c, inputShape);
          root.submodule(module(c), module);
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
  List<String> pixels(String colour) {
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
        "codes = " + codesOfPixels());
  }

  /** The padding's colour, {@code uint8 [1, 1, 1, 3]}. */
  static Tensor meanColour() {
    ByteBuffer rgb = ByteBuffer.allocate(3);
    for (int c : QuantizedNetwork.MEAN_COLOUR) {
      rgb.put((byte) c);
    }
    return Tensor.of(DType.UINT8, new long[] {1, 1, 1, 3}, rgb.flip());
  }

  static int padding(Node.Conv c) {
    return c.input() == Node.PIXELS ? 0 : c.padding();
  }

  static String strideAndPadding(Node.Conv c) {
    return "[%d, %d], [%d, %d]".formatted(c.stride(), c.stride(), padding(c), padding(c));
  }

  static String list(long[] shape) {
    return "[%d, %d, %d, %d]".formatted(shape[0], shape[1], shape[2], shape[3]);
  }

  /** Lines that compute a step's output from its inputs. */
  List<String> step(FusionPlan.Step step) {
    String out = value(step.output());
    if (step instanceof FusionPlan.Convolution c) {
      return quantized.isFloat(c.conv()) ? floatStep(c) : call(c);
    }
    Node node = ((FusionPlan.Plain) step).node();
    if (node instanceof Node.MaxPool p) {
      return List.of(maxPool(p, out));
    }
    if (node instanceof Node.GlobalAveragePool g) {
      return List.of(
          "%s = torch.mean(%s, [2, 3], False, dtype=6)"
              .formatted(out, quantized.isFloat(g.input()) ? value(g.input()) : bytes(g.input())));
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

  private List<String> floatStep(FusionPlan.Convolution step) {
    String out = value(step.output());
    List<String> lines = new ArrayList<>();
    lines.add("%s = %s".formatted(out, floatCall(step.conv())));
    if (step.accumulates()) {
      lines.add("%s = torch.add(%s, %s)".formatted(out, out, real(step.shortcut())));
    }
    if (step.relu()) {
      lines.add("%s = torch.relu(%s)".formatted(out, out));
    }
    if (!quantized.isFloat(step.output())) {
      lines.add("%s = %s".formatted(out, quantize(out, quantized.mapping(step.output()))));
    }
    return lines;
  }

  /** The expression of a tensor's reals. */
  String real(int node) {
    return quantized.isFloat(node) ? value(node) : dequantize(node);
  }

  /** The variable that holds the logits. */
  String logits() {
    return value(quantized.network().nodes().size() - 1);
  }

  /** The expression of the features that the classifier reads, in reals. */
  String features() {
    String pooled = value(quantized.network().classifier().input());
    return quantized.isFloat(pooledNode(quantized))
        ? pooled
        : "torch.mul(%s, %s)".formatted(pooled, literal(pooledScale(quantized)));
  }

  /** The classifier's weights times the scale of the pooled codes, which the pool leaves out. */
  private float[] scaled() {
    float[] weight = quantized.linearWeight().clone();
    float scale = pooledScale(quantized);
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= scale;
    }
    return weight;
  }

  /**
   * The classifier's weights before {@link #scaled()}: floats whose products with the scale are
   * these weights to the bit, as those that they came from. The quotient is such a float or next to
   * one.
   *
   * @param filed a network whose classifier's weights are those that a program holds
   * @throws IllegalArgumentException if they are no such products
   */
  static float[] withoutPooledScale(QuantizedNetwork filed) {
    float[] weight = filed.linearWeight().clone();
    float scale = pooledScale(filed);
    for (int i = 0; i < weight.length; i++) {
      float product = weight[i];
      float quotient = product / scale;
      for (float w : new float[] {quotient, Math.nextUp(quotient), Math.nextDown(quotient)}) {
        if (w * scale == product) {
          quotient = w;
          break;
        }
      }
      if (quotient * scale != product) {
        throw new IllegalArgumentException(
            "the classifier's weight %s is no product of the pooled scale %s"
                .formatted(product, scale));
      }
      weight[i] = quotient;
    }
    return weight;
  }

  /** The real value of 1 in the pool's output: an average of codes, or of reals. */
  private static float pooledScale(QuantizedNetwork quantized) {
    int pooledNode = pooledNode(quantized);
    if (quantized.isFloat(pooledNode)) {
      return 1;
    }
    QuantizedNetwork.Activation in = quantized.mapping(pooledNode);
    if (in.zeroPoint() != 0) {
      throw new IllegalArgumentException("the pooled tensor must have zero point 0");
    }
    return in.scale();
  }

  private static int pooledNode(QuantizedNetwork quantized) {
    Network network = quantized.network();
    return ((Node.GlobalAveragePool) network.nodes().get(network.classifier().input())).input();
  }

  static String literal(float value) {
    return Double.toString(value);
  }
}
