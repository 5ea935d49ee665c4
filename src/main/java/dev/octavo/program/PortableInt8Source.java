package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Node;
import dev.octavo.torchscript.ScriptModule;
import java.util.List;
import java.util.Map;

/**
 * With libtorch's own quantized operators: codes are quantized tensors (quint8), channels last. A
 * convolution whose activation they don't have computes in float32 with the weights that its
 * integers stand for.
 */
final class PortableInt8Source extends Int8Source {
  private static final String PACKED_TYPE =
      "__torch__.torch.classes.quantized.Conv2dPackedParamsBase";

  PortableInt8Source(QuantizedNetwork quantized, InputShape shape) {
    super(quantized, shape, Precision.FP32);
  }

  @Override
  void pack(ScriptModule module, Layer.Convolution layer, String inputShape) {
    Node.Conv c = layer.conv();
    if (!isQuantizedOperator(layer)) {
      module.packed(
          quantized().convolutions().get(c.name()).tensors(c),
          List.of("weight", "bias"),
          List.of(
              "self.weight = torch.mul((state)[0], torch.view((state)[1], [-1, 1, 1, 1]))",
              "self.bias = (state)[2]"));
      return;
    }
    module.packed(
        quantized().convolutions().get(c.name()).tensors(c),
        Map.of("packed", PACKED_TYPE),
        List.of(
            "zeros = torch.zeros([%d], dtype=%d)".formatted(c.outChannels(), ScalarType.LONG),
            "weight = torch._make_per_channel_quantized_tensor((state)[0], torch.to((state)[1], %d), zeros, 0)"
                .formatted(ScalarType.DOUBLE),
            "self.packed = ops.quantized.conv2d_prepack(weight, (state)[2], %s)"
                .formatted(ConvArguments.strideFirst(integerGeometry(c)))));
  }

  @Override
  String packFloat(Node.Conv c, String inputShape) {
    return "(state)[0]";
  }

  @Override
  String codesOfPixels() {
    return "torch.permute(torch._make_per_tensor_quantized_tensor(padded, 1., 0), [0, 3, 1, 2])";
  }

  @Override
  List<String> call(Layer.Convolution layer) {
    QuantParams out = quantized().mapping(layer.output());
    String value = value(layer.output());
    if (!isQuantizedOperator(layer)) {
      String reals = EagerSource.activated(layer.activation(), conv2d(layer, module(layer.conv())));
      return List.of(value + " = " + quantize(reals, out));
    }
    if (!layer.accumulates()) {
      return List.of(value + " = " + convolve(layer, layer.activation(), out));
    }
    return List.of(
        "branch = " + convolve(layer, Activation.NONE, quantized().branch(layer)),
        "%s = ops.quantized.%s(branch, %s, %s, %d)"
            .formatted(
                value,
                layer.activation() == Activation.RELU ? "add_relu" : "add",
                value(layer.shortcut()),
                literal(out.scale()),
                out.zeroPoint()));
  }

  private String convolve(Layer.Convolution layer, Activation activation, QuantParams out) {
    String operands =
        "(%s, self.%s.packed, %s, %d)"
            .formatted(
                integerInput(layer), module(layer.conv()), literal(out.scale()), out.zeroPoint());
    return switch (saturating(activation, out)) {
      case NONE -> "ops.quantized.conv2d" + operands;
      case RELU -> "ops.quantized.conv2d_relu" + operands;
      case RELU6 -> "ops.quantized.relu6(ops.quantized.conv2d%s, False)".formatted(operands);
      case HARDSWISH, SILU -> throw new IllegalArgumentException("no operator for " + activation);
    };
  }

  @Override
  void addAverage(ScriptModule root, Layer.AveragePool layer, String inputShape) {}

  /** In float32. */
  @Override
  String average(Layer.AveragePool layer) {
    String average = EagerSource.averagePool(real(layer.input()), layer.pool());
    return quantize(average, quantized().mapping(layer.output()));
  }

  /** Returns whether there are quantized operators for all that a layer does. */
  private static boolean isQuantizedOperator(Layer.Convolution layer) {
    return switch (layer.activation()) {
      case NONE, RELU, RELU6 -> true;
      case HARDSWISH, SILU -> false;
    };
  }

  /** The expression of a convolution with a module's float32 weights. */
  private String conv2d(Layer.Convolution layer, String module) {
    return "torch.conv2d(%s, self.%s.weight, self.%s.bias, %s)"
        .formatted(
            real(layer.input()), module, module, ConvArguments.strideFirst(geometry(layer.conv())));
  }

  @Override
  String floatCall(Layer.Convolution layer) {
    return conv2d(layer, floatModule(layer.conv()));
  }

  @Override
  String quantize(String reals, QuantParams mapping) {
    return "torch.quantize_per_tensor(%s, %s, %d, %d)"
        .formatted(reals, literal(mapping.scale()), mapping.zeroPoint(), ScalarType.QUINT8);
  }

  @Override
  String dequantize(int node) {
    return "torch.dequantize(%s)".formatted(value(node));
  }

  @Override
  String bytes(int node) {
    return "torch.int_repr(%s)".formatted(value(node));
  }

  @Override
  String codes(String bytes, QuantParams mapping) {
    return "torch._make_per_tensor_quantized_tensor(%s, %s, %d)"
        .formatted(bytes, literal(mapping.scale()), mapping.zeroPoint());
  }

  @Override
  String concatenated(List<String> codes, QuantParams mapping) {
    return "ops.quantized.cat([%s], 1, %s, %d)"
        .formatted(String.join(", ", codes), literal(mapping.scale()), mapping.zeroPoint());
  }
}
