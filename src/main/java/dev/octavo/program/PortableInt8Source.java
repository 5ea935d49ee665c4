package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Node;
import dev.octavo.torchscript.ScriptModule;
import java.util.List;
import java.util.Map;

/** With libtorch's own quantized operators: codes are quantized tensors (quint8), channels last. */
final class PortableInt8Source extends Int8Source {
  private static final String PACKED_TYPE =
      "__torch__.torch.classes.quantized.Conv2dPackedParamsBase";

  PortableInt8Source(QuantizedNetwork quantized, InputShape shape) {
    super(quantized, shape);
  }

  @Override
  void pack(ScriptModule module, Layer.Convolution layer, String inputShape) {
    Node.Conv c = layer.conv();
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
      case HARDSWISH, SILU ->
          throw unsupported(
              quantized().graph(),
              layer,
              "ends with %s, which portable operators can't compute in integers"
                  .formatted(activation.id()));
    };
  }

  @Override
  String floatCall(Layer.Convolution layer) {
    String m = "self." + floatModule(layer.conv());
    return "torch.conv2d(%s, %s.weight, %s.bias, %s)"
        .formatted(real(layer.input()), m, m, ConvArguments.strideFirst(geometry(layer.conv())));
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
}
