package dev.octavo.export;

import dev.octavo.network.Affine;
import dev.octavo.network.Geometry;
import dev.octavo.network.Node;
import dev.octavo.onnx.OnnxBuilder;
import dev.octavo.onnx.OnnxBuilder.Attribute;
import dev.octavo.program.Dense;
import dev.octavo.program.FoldedNetwork;
import dev.octavo.program.Int8Pixels;
import dev.octavo.program.Layer;
import dev.octavo.program.LayerVisitor;
import dev.octavo.program.QuantParams;
import dev.octavo.program.QuantizedNetwork;
import dev.octavo.tensor.DType;
import dev.octavo.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A quantized network as a QDQ graph: operators on reals, between {@code QuantizeLinear} and {@code
 * DequantizeLinear} with the scales, zero points and weight codes of the int8 program, which a
 * runtime replaces by integer operators. Layers that the bundle keeps in float have neither.
 *
 * <p>As in the program, pixels are codes with scale 1, padded with the mean colour before the first
 * convolution, and a sum is rounded to codes once, after its activation; only the portable program
 * rounds the branch before, and so does its graph. A bias is rounded to the 32 bits in which the
 * products are summed.
 */
final class Int8Onnx implements LayerVisitor<String> {
  private static final double LARGEST_BIAS = 1 << 30;

  /** Units in the bias of a channel without weights. */
  private static final float FINE_BIAS = 1 << 24;

  private static final int CHANNELS = 3;

  private final Operators operators;
  private final OnnxBuilder builder;
  private final QuantizedNetwork network;

  /** The names of the reals, by value. */
  private final Map<Integer, String> reals = new HashMap<>();

  private Int8Onnx(OnnxBuilder builder, QuantizedNetwork network) {
    this.operators = new Operators(builder);
    this.builder = builder;
    this.network = network;
  }

  /** Adds all of a network to a model that has the input; gives it logits and features. */
  static void add(OnnxBuilder builder, QuantizedNetwork network) {
    Int8Onnx graph = new Int8Onnx(builder, network);
    graph.addPixels();
    Layer last = null;
    for (Layer layer : network.graph().layers()) {
      graph.reals.put(layer.output(), layer.accept(graph));
      last = layer;
    }
    Operators operators = graph.operators;
    operators.named(Operators.FEATURES, graph.reals.get(last.inputs().get(0)));
    operators.named(Operators.LOGITS, graph.reals.get(last.output()));
  }

  private void addPixels() {
    String codes =
        builder.node(
            "Transpose",
            "pixels.planes",
            List.of(Operators.IMAGES),
            Attribute.list("perm", 0, 3, 1, 2));
    Int8Pixels pixels = Int8Pixels.of(network.graph(), network.normalization());
    if (pixels.padding() > 0) {
      codes = padded(codes, pixels);
    }
    reals.put(Node.PIXELS, dequantized("pixels", codes, network.mapping(Node.PIXELS)));
  }

  /** Each plane padded with its own mean: {@code Pad} knows one value. */
  private String padded(String codes, Int8Pixels pixels) {
    List<String> planes = List.of("pixels.red", "pixels.green", "pixels.blue");
    builder.nodes("Split", planes, List.of(codes), Attribute.of("axis", 1));
    long p = pixels.padding();
    String pads =
        builder.initializer("pixels.pads", Tensor.of(new long[] {0, 0, p, p, 0, 0, p, p}, 8));
    ByteBuffer colour = pixels.meanColour().bytes();
    List<String> padded = new ArrayList<>();
    for (int c = 0; c < CHANNELS; c++) {
      String mean = builder.initializer(planes.get(c) + ".mean", code(colour.get(c)));
      padded.add(
          builder.node("Pad", planes.get(c) + ".padded", List.of(planes.get(c), pads, mean)));
    }
    return builder.node("Concat", "pixels.padded", padded, Attribute.of("axis", 1));
  }

  private static Tensor code(int value) {
    return Tensor.of(DType.UINT8, new long[0], ByteBuffer.allocate(1).put((byte) value).flip());
  }

  private String dequantized(String name, String codes, QuantParams mapping) {
    return builder.node("DequantizeLinear", name + ".reals", with(codes, mapping));
  }

  /** The three inputs of quantizing and dequantizing; the parameters are of one value. */
  private List<String> with(String value, QuantParams mapping) {
    String scale = operators.scalar(value + ".scale", mapping.scale());
    String zero = builder.initializer(value + ".zero_point", code(mapping.zeroPoint()));
    return List.of(value, scale, zero);
  }

  /** Reals rounded to codes and back; as they are where the value is kept in float. */
  private String rounded(int value, String result) {
    return network.isFloat(value) ? result : rounded(result, network.mapping(value));
  }

  private String rounded(String result, QuantParams mapping) {
    List<String> parameters = with(result, mapping);
    String codes = builder.node("QuantizeLinear", result + ".codes", parameters);
    return builder.node(
        "DequantizeLinear",
        result + ".reals",
        List.of(codes, parameters.get(1), parameters.get(2)));
  }

  @Override
  public String convolution(Layer.Convolution layer) {
    Node.Conv c = layer.conv();
    String input = reals.get(layer.input());
    String[] weights = network.isFloat(c) ? floats(c) : integers(layer);
    String result = operators.convolution(c.name(), input, window(c), weights);
    if (layer.accumulates()) {
      QuantParams branch = network.branch(layer);
      String rounded = branch == null || network.isFloat(c) ? result : rounded(result, branch);
      result = operators.sum(c.name() + ".sum", rounded, reals.get(layer.shortcut()));
    }
    return rounded(layer.output(), operators.activated(layer.activation(), result));
  }

  /** The window of a convolution here, where pixels are padded before. */
  private static Geometry window(Node.Conv c) {
    return c.input() == Node.PIXELS ? c.geometry().withoutPadding() : c.geometry();
  }

  private String[] floats(Node.Conv c) {
    FoldedNetwork.Conv conv = network.floatConvolutions().get(c.name());
    return new String[] {
      builder.initializer(c.name() + ".weight", Tensor.of(conv.weight(), c.weightShape())),
      builder.initializer(c.name() + ".bias", Tensor.of(conv.bias(), c.outChannels()))
    };
  }

  private String[] integers(Layer.Convolution layer) {
    Node.Conv c = layer.conv();
    QuantizedNetwork.Conv conv = network.convolutions().get(c.name());
    String codes =
        builder.initializer(c.name() + ".weight", Tensor.of(conv.weight(), c.weightShape()));
    float inputScale = network.mapping(layer.input()).scale();
    float[] scales = scales(conv, inputScale);
    String scale =
        builder.initializer(c.name() + ".weight.scale", Tensor.of(scales, c.outChannels()));
    String zero =
        builder.initializer(
            c.name() + ".weight.zero_point", Tensor.of(new byte[c.outChannels()], c.outChannels()));
    String weight =
        builder.node(
            "DequantizeLinear",
            c.name() + ".weight.reals",
            List.of(codes, scale, zero),
            Attribute.of("axis", 0));
    return new String[] {weight, bias(c, conv.bias(), inputScale, scales)};
  }

  /**
   * The scales of the weights. Where all weights of a channel are 0 its scale doesn't matter to
   * them, but its bias is rounded in units of it: there the scale is fine enough for the bias.
   */
  private static float[] scales(QuantizedNetwork.Conv conv, float inputScale) {
    float[] scales = conv.scale().clone();
    int perChannel = conv.weight().length / scales.length;
    for (int o = 0; o < scales.length; o++) {
      int first = o * perChannel;
      boolean zero =
          IntStream.range(first, first + perChannel).allMatch(k -> conv.weight()[k] == 0);
      if (zero && conv.bias()[o] != 0) {
        scales[o] = Math.abs(conv.bias()[o]) / FINE_BIAS / inputScale;
      }
    }
    return scales;
  }

  /**
   * The bias in units of a sum of products, {@code input scale * weight scale[o]}; as it is where
   * that takes more than 32 bits, as for channels whose weights are next to nothing.
   */
  private String bias(Node.Conv c, float[] bias, float inputScale, float[] weightScales) {
    int channels = c.outChannels();
    float[] scale = new float[channels];
    ByteBuffer codes = ByteBuffer.allocate(channels * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int o = 0; o < channels; o++) {
      scale[o] = inputScale * weightScales[o];
      double code = Math.rint(bias[o] / (double) scale[o]);
      if (!(Math.abs(code) < LARGEST_BIAS)) {
        return builder.initializer(c.name() + ".bias", Tensor.of(bias, channels));
      }
      codes.putInt((int) code);
    }
    Tensor rounded = Tensor.of(DType.INT32, new long[] {channels}, codes.flip());
    return builder.node(
        "DequantizeLinear",
        c.name() + ".bias.reals",
        List.of(
            builder.initializer(c.name() + ".bias", rounded),
            builder.initializer(c.name() + ".bias.scale", Tensor.of(scale, channels))),
        Attribute.of("axis", 0));
  }

  @Override
  public String maxPool(Layer.MaxPool p) {
    return rounded(
        p.output(), operators.maxPool("maxpool_" + p.output(), reals.get(p.input()), p.pool()));
  }

  @Override
  public String averagePool(Layer.AveragePool p) {
    return rounded(
        p.output(), operators.averagePool("avgpool_" + p.output(), reals.get(p.input()), p.pool()));
  }

  /** Joins values, which have one range already. */
  @Override
  public String concat(Layer.Concat c) {
    return operators.concat("concat_" + c.output(), c.inputs().stream().map(reals::get).toList());
  }

  @Override
  public String channelSlice(Layer.ChannelSlice s) {
    return operators.channelSlice("slice_" + s.output(), reals.get(s.input()), s.slice());
  }

  @Override
  public String channelShuffle(Layer.ChannelShuffle s) {
    return operators.channelShuffle(
        "shuffle_" + s.output(), reals.get(s.input()), s.channels(), s.shuffle().groups());
  }

  @Override
  public String sum(Layer.Sum s) {
    String sum = operators.sum("add_" + s.output(), reals.get(s.left()), reals.get(s.right()));
    return rounded(s.output(), operators.activated(s.activation(), sum));
  }

  @Override
  public String globalAveragePool(Layer.GlobalAveragePool p) {
    return operators.globalAveragePool("avgpool_" + p.output(), reals.get(p.input()));
  }

  @Override
  public String linear(Layer.Linear layer) {
    Node.Linear l = layer.linear();
    List<String> weights = dense(l.affine());
    String affine =
        operators.linear(l.name(), reals.get(layer.input()), weights.get(0), weights.get(1));
    return operators.activated(l.activation(), affine);
  }

  @Override
  public String squeezeExcitation(Layer.SqueezeExcitation layer) {
    Node.SqueezeExcitation block = layer.block();
    List<String> weights =
        block.affines().stream().flatMap(affine -> dense(affine).stream()).toList();
    return rounded(
        layer.output(), operators.squeezeExcitation(block, reals.get(layer.input()), weights));
  }

  /** Weight and bias of an affine map, which stays float. */
  private List<String> dense(Affine affine) {
    Dense values = network.dense().get(affine.name());
    return List.of(
        builder.initializer(
            affine.name() + ".weight", Tensor.of(values.weight(), affine.weightShape())),
        builder.initializer(affine.name() + ".bias", Tensor.of(values.bias(), affine.out())));
  }
}
