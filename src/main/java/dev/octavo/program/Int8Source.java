package dev.octavo.program;

import dev.octavo.OctavoException;
import dev.octavo.network.Activation;
import dev.octavo.network.Geometry;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.ScriptModule;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
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
  private static final double SIX = 6;
  private static final int GREATEST_CODE = 255;

  private final QuantizedNetwork quantized;
  private final int pixelPadding;
  private final int imageSize;
  private final int batchSize;

  Int8Source(QuantizedNetwork quantized, int imageSize, int batchSize) {
    this.quantized = quantized;
    this.pixelPadding = pixelPadding(quantized.graph());
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

  /** The padding of the convolutions that read the pixels, which is done before them. */
  private static int pixelPadding(FusedNetwork graph) {
    int padding = -1;
    for (Layer layer : graph.layers()) {
      if (layer.inputs().contains(Node.PIXELS)) {
        if (!(layer instanceof Layer.Convolution c)
            || (padding >= 0 && padding != c.conv().geometry().padding())) {
          throw unsupported(
              graph, layer, "reads the pixels otherwise than as one convolution or alike ones");
        }
        padding = c.conv().geometry().padding();
      }
    }
    return padding;
  }

  /** A layer that can't be written, by name. */
  static OctavoException unsupported(FusedNetwork graph, Layer layer, String what) {
    return new OctavoException(
        "%s of %s %s: there is no int8 program for it"
            .formatted(layer.name(), graph.network().name(), what));
  }

  /** Makes a module pack a convolution's integers when it is loaded. */
  abstract void pack(ScriptModule module, Layer.Convolution layer, long[] inputShape);

  /** The expression that packs the float weights {@code (state)[0]} of a convolution. */
  abstract String packFloat(Node.Conv c, long[] inputShape);

  /** The expression that turns {@code padded}, uint8 NHWC, into codes, channels first. */
  abstract String codesOfPixels();

  /** Lines that compute the codes of a layer whose convolution is in integers. */
  abstract List<String> call(Layer.Convolution layer);

  /** The expression of a convolution in float32, without what is fused into it. */
  abstract String floatCall(Layer.Convolution layer);

  /** ReLU where the greatest code makes it the same as ReLU6, else the activation as it is. */
  static Activation saturating(Activation activation, QuantParams mapping) {
    return activation == Activation.RELU6 && mapping.code(SIX) == GREATEST_CODE
        ? Activation.RELU
        : activation;
  }

  /** The expression that turns reals into codes. */
  abstract String quantize(String reals, QuantParams mapping);

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
    int[] sizes = network.spatialSizes(imageSize);
    List<Layer.Convolution> inNetworksOrder =
        quantized.graph().convolutions().stream()
            .sorted(Comparator.comparingInt(Layer.Convolution::branch))
            .toList();
    for (Layer.Convolution layer : inNetworksOrder) {
      Node.Conv c = layer.conv();
      int input = layer.input();
      int size = input == Node.PIXELS ? imageSize + 2 * pixelPadding : sizes[input];
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
        pack(module, layer, inputShape);
        root.submodule(module(c), module);
      }
    }
    Node.Linear l = network.classifier();
    root.buffer("int8_" + l.name() + ".weight", Tensor.of(scaled(), l.out(), l.in()));
    root.buffer("int8_" + l.name() + ".bias", Tensor.of(quantized.linearBias(), l.out()));
  }

  /**
   * Lines that pad {@code images}, uint8 NHWC or float32 NCHW in [0, 1], with the mean colour.
   *
   * @param colour the expression of {@link #meanColour()}
   */
  List<String> pixels(String colour) {
    int p = pixelPadding;
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

  /** The window of a convolution here, where pixels are padded before. */
  static Geometry geometry(Node.Conv c) {
    return c.input() == Node.PIXELS ? c.geometry().withoutPadding() : c.geometry();
  }

  static String list(long[] shape) {
    return "[%d, %d, %d, %d]".formatted(shape[0], shape[1], shape[2], shape[3]);
  }

  /** Lines that compute a layer's output from its inputs. */
  List<String> lines(Layer layer) {
    return layer.accept(new Emitter());
  }

  /** Dispatches on the type of a layer. */
  private final class Emitter implements Layer.Visitor<List<String>> {
    private List<String> let(Layer layer, String expression) {
      return List.of("%s = %s".formatted(value(layer.output()), expression));
    }

    @Override
    public List<String> convolution(Layer.Convolution c) {
      if (!quantized.isFloat(c.conv())) {
        return call(c);
      }
      List<String> lines = new ArrayList<>(let(c, floatCall(c)));
      if (c.accumulates()) {
        lines.addAll(let(c, "torch.add(%s, %s)".formatted(value(c.output()), real(c.shortcut()))));
      }
      lines.addAll(activateAndQuantize(c, c.activation()));
      return lines;
    }

    private List<String> activateAndQuantize(Layer layer, Activation activation) {
      String out = value(layer.output());
      List<String> lines = new ArrayList<>();
      if (activation != Activation.NONE) {
        lines.addAll(let(layer, EagerSource.activated(activation, out)));
      }
      if (!quantized.isFloat(layer.output())) {
        lines.addAll(let(layer, quantize(out, quantized.mapping(layer.output()))));
      }
      return lines;
    }

    @Override
    public List<String> maxPool(Layer.MaxPool p) {
      // torch.max_pool2d takes bytes only as a quantized tensor, which means copying in and out.
      String operator =
          quantized.isFloat(p.input()) ? EagerSource.MAX_POOL : "ops.quantized.max_pool2d";
      return List.of(EagerSource.maxPool(operator, value(p.output()), value(p.input()), p.pool()));
    }

    @Override
    public List<String> sum(Layer.Sum s) {
      List<String> lines =
          new ArrayList<>(let(s, "torch.add(%s, %s)".formatted(real(s.left()), real(s.right()))));
      lines.addAll(activateAndQuantize(s, s.activation()));
      return lines;
    }

    @Override
    public List<String> globalAveragePool(Layer.GlobalAveragePool p) {
      if (quantized.isFloat(p.input())) {
        return let(p, EagerSource.mean(value(p.input())));
      }
      String mean = EagerSource.mean(bytes(p.input()));
      int zeroPoint = quantized.mapping(p.input()).zeroPoint();
      return let(p, zeroPoint == 0 ? mean : "torch.sub(%s, %d)".formatted(mean, zeroPoint));
    }

    @Override
    public List<String> linear(Layer.Linear l) {
      return let(
          l,
          "torch.linear(%s, %s, %s)"
              .formatted(
                  value(l.input()),
                  ScriptModule.read("int8_" + l.name() + ".weight"),
                  ScriptModule.read("int8_" + l.name() + ".bias")));
    }
  }

  /** The expression of a tensor's reals. */
  String real(int node) {
    return quantized.isFloat(node) ? value(node) : dequantize(node);
  }

  /** The variable that holds the logits. */
  String logits() {
    return value(quantized.graph().classifier().output());
  }

  /** The expression of the features that the classifier reads, in reals. */
  String features() {
    int pooled = quantized.graph().classifier().input();
    return quantized.isFloat(pooled)
        ? value(pooled)
        : "torch.mul(%s, %s)".formatted(value(pooled), literal(pooledScale(quantized)));
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

  /** The real value of 1 in the pool's output: an average of codes less zero, or of reals. */
  private static float pooledScale(QuantizedNetwork quantized) {
    int pooled = quantized.graph().classifier().input();
    return quantized.isFloat(pooled) ? 1 : quantized.mapping(pooled).scale();
  }

  static String literal(float value) {
    return Double.toString(value);
  }
}
