package dev.octavo.export;

import dev.octavo.network.Activation;
import dev.octavo.network.Gate;
import dev.octavo.network.Geometry;
import dev.octavo.network.Node;
import dev.octavo.onnx.OnnxBuilder;
import dev.octavo.onnx.OnnxBuilder.Attribute;
import dev.octavo.tensor.Tensor;
import java.util.List;

/**
 * ONNX operators on float32 values, as float and int8 graphs share them. Each method returns the
 * name of what it adds.
 *
 * @param builder of the model
 */
record Operators(OnnxBuilder builder) {
  static final String IMAGES = "images";
  static final String LOGITS = "logits";
  static final String FEATURES = "features";

  /** Convolution of {@code input} with {@code weights}: weight and perhaps bias. */
  String convolution(String output, String input, Geometry g, String... weights) {
    List<String> inputs =
        weights.length == 1 ? List.of(input, weights[0]) : List.of(input, weights[0], weights[1]);
    return builder.node(
        "Conv",
        output,
        inputs,
        Attribute.list("kernel_shape", g.kernel().height(), g.kernel().width()),
        Attribute.list("strides", g.stride(), g.stride()),
        Attribute.list(
            "pads",
            g.padding().height(),
            g.padding().width(),
            g.padding().height(),
            g.padding().width()),
        Attribute.list("dilations", g.dilation(), g.dilation()),
        Attribute.of("group", g.groups()));
  }

  /** The activation of a value. */
  String activated(Activation activation, String input) {
    String output = input + "." + activation.id();
    return switch (activation) {
      case NONE -> input;
      case RELU -> builder.node("Relu", output, List.of(input));
      case RELU6 ->
          builder.node(
              "Clip",
              output,
              List.of(input, scalar(output + ".min", 0), scalar(output + ".max", 6)));
      case HARDSWISH -> builder.node("HardSwish", output, List.of(input));
      case SILU -> {
        String sigmoid = builder.node("Sigmoid", input + ".sigmoid", List.of(input));
        yield builder.node("Mul", output, List.of(input, sigmoid));
      }
    };
  }

  String scalar(String name, float value) {
    return builder.initializer(name, Tensor.of(new float[] {value}));
  }

  String sum(String output, String left, String right) {
    return builder.node("Add", output, List.of(left, right));
  }

  String maxPool(String output, String input, Node.MaxPool p) {
    return builder.node(
        "MaxPool",
        output,
        List.of(input),
        Attribute.list("kernel_shape", p.kernel(), p.kernel()),
        Attribute.list("strides", p.stride(), p.stride()),
        Attribute.list("pads", p.padding(), p.padding(), p.padding(), p.padding()),
        Attribute.of("ceil_mode", p.rounding() == Node.MaxPool.Rounding.CEIL ? 1 : 0));
  }

  String averagePool(String output, String input, Node.AveragePool p) {
    return builder.node(
        "AveragePool",
        output,
        List.of(input),
        Attribute.list("kernel_shape", p.kernel(), p.kernel()),
        Attribute.list("strides", p.stride(), p.stride()),
        Attribute.list("pads", p.padding(), p.padding(), p.padding(), p.padding()),
        Attribute.of("count_include_pad", 1));
  }

  String concat(String output, List<String> inputs) {
    return builder.node("Concat", output, inputs, Attribute.of("axis", 1));
  }

  String channelSlice(String output, String input, Node.ChannelSlice s) {
    return builder.node(
        "Slice",
        output,
        List.of(
            input,
            index(output + ".from", s.from()),
            index(output + ".to", s.from() + s.channels()),
            index(output + ".axis", 1)));
  }

  private String index(String name, long value) {
    return builder.initializer(name, Tensor.of(new long[] {value}, 1));
  }

  /** Channels {@code [groups, channels / groups]} in the order of the transposed matrix. */
  String channelShuffle(String output, String input, int channels, int groups) {
    String size = builder.node("Shape", output + ".shape", List.of(input));
    String shape =
        builder.initializer(
            output + ".groups", Tensor.of(new long[] {0, groups, channels / groups, -1}, 4));
    String apart = builder.node("Reshape", output + ".apart", List.of(input, shape));
    String turned =
        builder.node(
            "Transpose", output + ".turned", List.of(apart), Attribute.list("perm", 0, 2, 1, 3));
    return builder.node("Reshape", output, List.of(turned, size));
  }

  /**
   * Squeeze and excitation of {@code [N, C, H, W]}.
   *
   * @param weights weight {@code [out, in, 1, 1]} and bias of the first and of the second affine
   *     map
   */
  String squeezeExcitation(Node.SqueezeExcitation block, String input, List<String> weights) {
    Geometry pointwise = Geometry.of(1, 1);
    String mean = channelMeans(block.name(), input);
    String squeezed =
        activated(
            block.activation(),
            convolution(block.squeeze().name(), mean, pointwise, weights.get(0), weights.get(1)));
    String excited =
        convolution(block.excite().name(), squeezed, pointwise, weights.get(2), weights.get(3));
    return builder.node("Mul", block.name(), List.of(input, gate(block.gate(), excited)));
  }

  private String gate(Gate gate, String input) {
    String output = input + ".gate";
    return switch (gate) {
      case SIGMOID -> builder.node("Sigmoid", output, List.of(input));
      case HARDSIGMOID ->
          builder.node(
              "HardSigmoid",
              output,
              List.of(input),
              Attribute.of("alpha", 1 / 6f),
              Attribute.of("beta", 0.5f));
    };
  }

  private String channelMeans(String output, String input) {
    return builder.node("GlobalAveragePool", output + ".mean", List.of(input));
  }

  /** Mean over height and width, {@code [N, C]}. */
  String globalAveragePool(String output, String input) {
    String mean = channelMeans(output, input);
    return builder.node("Flatten", output, List.of(mean), Attribute.of("axis", 1));
  }

  /** Affine map with weight {@code [out, in]} and bias. */
  String linear(String output, String input, String weight, String bias) {
    return builder.node("Gemm", output, List.of(input, weight, bias), Attribute.of("transB", 1));
  }

  /** Another name for a value. */
  String named(String name, String value) {
    return builder.node("Identity", name, List.of(value));
  }
}
