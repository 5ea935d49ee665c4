package dev.octavo.program;

import dev.octavo.OctavoException;
import dev.octavo.network.Activation;
import dev.octavo.network.Affine;
import dev.octavo.network.Geometry;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.ScriptModule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The int8 network as source and modules, as {@link Int8Program} and the programs that measure it
 * share it. What depends on the {@linkplain Int8Operators operators} is left to subclasses.
 *
 * <p>A tensor is either codes or, where the network keeps it so, float32. A convolution that
 * touches a float tensor computes in float32: it dequantizes the codes that it reads and quantizes
 * its result where codes are wanted. With {@code bf16} in place of {@code fp32} such convolutions
 * compute in bfloat16, and what flows between them is bfloat16.
 */
abstract class Int8Source {
  private static final double SIX = 6;
  private static final int GREATEST_CODE = 255;
  private static final int CHANNELS_AT_ONCE = 16;

  /** Every n-th row and column. */
  private static final String SUBSAMPLED =
      "torch.slice(torch.slice(%1$s, 2, 0, 9223372036854775807, %2$d), 3, 0, 9223372036854775807,"
          + " %2$d)";

  private final QuantizedNetwork quantized;
  private final InputShape shape;
  private final Precision floats;
  private final Int8Pixels pixels;

  Int8Source(QuantizedNetwork quantized, InputShape shape, Precision floats) {
    this.quantized = quantized;
    this.shape = shape;
    this.floats = floats.requireFp32OrBf16();
    this.pixels = Int8Pixels.of(quantized.graph(), quantized.normalization());
  }

  /**
   * A source with those operators.
   *
   * @param floats what layers that are no integers compute in: fp32, or with oneDNN bf16
   */
  static Int8Source of(
      Int8Operators operators, QuantizedNetwork quantized, InputShape shape, Precision floats) {
    if (operators == Int8Operators.ONEDNN) {
      return new OnednnInt8Source(quantized, shape, floats);
    }
    if (floats != Precision.FP32) {
      throw new IllegalArgumentException("portable programs have float layers in fp32 alone");
    }
    return new PortableInt8Source(quantized, shape);
  }

  /** A layer that can't be written, by name. */
  static OctavoException unsupported(FusedNetwork graph, Layer layer, String what) {
    return new OctavoException(
        "%s of %s %s: there is no int8 program for it"
            .formatted(layer.name(), graph.network().name(), what));
  }

  /** Makes a module pack a convolution's integers when it is loaded. */
  abstract void pack(ScriptModule module, Layer.Convolution layer, String inputShape);

  /** The expression that packs the float weights {@code (state)[0]} of a convolution. */
  abstract String packFloat(Node.Conv c, String inputShape);

  /** The expression that turns {@code padded}, uint8 NHWC, into codes, channels first. */
  abstract String codesOfPixels();

  /** Lines that compute the codes of a layer whose convolution is in integers. */
  abstract List<String> call(Layer.Convolution layer);

  /** Adds what {@link #average} needs. */
  abstract void addAverage(ScriptModule root, Layer.AveragePool layer, String inputShape);

  /** The expression of the average of codes over windows: codes again. */
  abstract String average(Layer.AveragePool layer);

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

  /** The expression of codes that are a plain tensor. */
  abstract String codes(String bytes, QuantParams mapping);

  /** The expression of codes of one mapping, one after the other. */
  abstract String concatenated(List<String> codes, QuantParams mapping);

  /** The expression of a tensor in the type that float layers compute in. */
  String cast(String tensor) {
    return floats == Precision.BF16
        ? "torch.to(%s, %d)".formatted(tensor, ScalarType.BFLOAT16)
        : tensor;
  }

  /** The type that float layers compute in. */
  Precision floats() {
    return floats;
  }

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

  /** Adds one module of packed weights per convolution, and the affine maps. */
  void addWeights(ScriptModule root) {
    Network network = quantized.network();
    int[] sizes = network.spatialSizes(shape.imageSize());
    List<Layer.Convolution> inNetworksOrder =
        quantized.graph().convolutions().stream()
            .sorted(Comparator.comparingInt(Layer.Convolution::branch))
            .toList();
    for (Layer.Convolution layer : inNetworksOrder) {
      Node.Conv c = layer.conv();
      int input = layer.input();
      int size = input == Node.PIXELS ? pixels.paddedSize(shape.imageSize()) : sizes[input];
      if (quantized.isFloat(c)) {
        String inputShape = shape.featureMap(c.inChannels(), size);
        ScriptModule module = new ScriptModule("Float_" + FusedSource.module(c));
        module.packed(
            quantized.floatConvolutions().get(c.name()).tensors(c),
            List.of("weight", "bias"),
            List.of(
                "self.weight = " + packFloat(c, inputShape), "self.bias = " + cast("(state)[1]")));
        root.submodule(floatModule(c), module);
      } else {
        ScriptModule module = new ScriptModule("Int8_" + FusedSource.module(c));
        int stride = isSubsampledBefore(c) ? c.geometry().stride() : 1;
        pack(module, layer, shape.featureMap(c.inChannels(), (size - 1) / stride + 1));
        root.submodule(module(c), module);
      }
    }
    for (Layer layer : quantized.graph().layers()) {
      if (layer instanceof Layer.AveragePool p && !quantized.isFloat(p.input())) {
        addAverage(root, p, shape.featureMap(network.channels(p.input()), sizes[p.input()]));
      }
    }
    PooledScale scale = new PooledScale(quantized);
    for (Affine a : network.affines()) {
      String name = AffineSource.int8Name(a);
      Dense dense = quantized.dense().get(a.name());
      root.buffer(name + ".weight", Tensor.of(scale.times(a, dense.weight()), a.out(), a.in()));
      root.buffer(name + ".bias", Tensor.of(dense.bias(), a.out()));
    }
  }

  /**
   * Lines that turn {@code images}, uint8 NHWC or float32 NCHW in [0, 1], into padded codes.
   *
   * @param colour the expression of {@link #meanColour()}
   */
  List<String> pixels(String colour) {
    List<String> lines = new ArrayList<>(pixels.padded(colour));
    lines.add("%s = %s".formatted(value(Node.PIXELS), codesOfPixels()));
    return lines;
  }

  /** The padding's colour, {@code uint8 [1, 1, 1, 3]}. */
  Tensor meanColour() {
    return pixels.meanColour();
  }

  /** The window of a convolution here, where pixels are padded before. */
  static Geometry geometry(Node.Conv c) {
    return c.input() == Node.PIXELS ? c.geometry().withoutPadding() : c.geometry();
  }

  /**
   * Returns whether the input of a pointwise convolution is subsampled first, so that the
   * convolution itself has stride 1. oneDNN's int8 kernels for CPUs without AVX-512 ({@code
   * jit_uni_int8_1x1}) read 8 channels at a time, or 16 with AVX2. Where a strided convolution has
   * another number of input channels, they read past the end of its input, and results differ from
   * call to call (seen in libtorch 2.7.1 and 2.13).
   */
  private static boolean isSubsampledBefore(Node.Conv c) {
    Geometry g = geometry(c);
    return g.isPointwise() && g.stride() > 1 && c.inChannels() / g.groups() % CHANNELS_AT_ONCE != 0;
  }

  /** The window that an integer convolution moves over {@link #integerInput}. */
  static Geometry integerGeometry(Node.Conv c) {
    return isSubsampledBefore(c) ? geometry(c).withStride(1) : geometry(c);
  }

  /** The expression of the codes that an integer convolution reads. */
  static String integerInput(Layer.Convolution layer) {
    String codes = value(layer.input());
    return isSubsampledBefore(layer.conv())
        ? SUBSAMPLED.formatted(codes, layer.conv().geometry().stride())
        : codes;
  }

  /** Lines that compute a layer's output from its inputs. */
  List<String> lines(Layer layer) {
    return layer.accept(new Int8Emitter(this));
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
        : "torch.mul(%s, %s)".formatted(value(pooled), literal(quantized.mapping(pooled).scale()));
  }

  static String literal(float value) {
    return Double.toString(value);
  }
}
