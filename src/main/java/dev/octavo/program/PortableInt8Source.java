package dev.octavo.program;

import dev.octavo.network.Node;
import java.util.List;
import java.util.Map;

/** With libtorch's own quantized operators: codes are quantized tensors (quint8), channels last. */
final class PortableInt8Source extends Int8Source {
  private static final String PACKED_TYPE =
      "__torch__.torch.classes.quantized.Conv2dPackedParamsBase";

  PortableInt8Source(QuantizedNetwork quantized, int imageSize, int batchSize) {
    super(quantized, imageSize, batchSize);
  }

  @Override
  void pack(ScriptModule module, Node.Conv c, long[] inputShape) {
    int padding = padding(c);
    module.packed(
        quantized().convolutions().get(c.name()).tensors(c),
        Map.of("packed", PACKED_TYPE),
        List.of(
            "zeros = torch.zeros([%d], dtype=4)".formatted(c.outChannels()),
            "weight = torch._make_per_channel_quantized_tensor((state)[0], torch.to((state)[1], 7), zeros, 0)",
            "self.packed = ops.quantized.conv2d_prepack(weight, (state)[2], [%d, %d], [%d, %d], [1, 1], 1)"
                .formatted(c.stride(), c.stride(), padding, padding)));
  }

  @Override
  String packFloat(Node.Conv c, long[] inputShape) {
    return "(state)[0]";
  }

  @Override
  String codesOfPixels() {
    return "torch.permute(torch._make_per_tensor_quantized_tensor(padded, 1., 0), [0, 3, 1, 2])";
  }

  @Override
  List<String> call(FusionPlan.Convolution step) {
    String out = value(step.output());
    if (!step.accumulates()) {
      QuantizedNetwork.Activation mapping = quantized().mapping(step.output());
      return List.of(out + " = " + convolve(step.conv(), step.relu(), mapping));
    }
    QuantizedNetwork.Activation branch = quantized().branch(step.conv());
    QuantizedNetwork.Activation sum = quantized().mapping(step.output());
    return List.of(
        "branch = " + convolve(step.conv(), false, branch),
        "%s = ops.quantized.add_relu(branch, %s, %s, %d)"
            .formatted(out, value(step.shortcut()), literal(sum.scale()), sum.zeroPoint()));
  }

  private String convolve(Node.Conv c, boolean relu, QuantizedNetwork.Activation out) {
    return "ops.quantized.conv2d%s(%s, self.%s.packed, %s, %d)"
        .formatted(
            relu ? "_relu" : "",
            value(c.input()),
            module(c),
            literal(out.scale()),
            out.zeroPoint());
  }

  @Override
  String floatCall(Node.Conv c) {
    String m = "self." + floatModule(c);
    return "torch.conv2d(%s, %s.weight, %s.bias, [%d, %d], [%d, %d], [1, 1], 1)"
        .formatted(real(c.input()), m, m, c.stride(), c.stride(), padding(c), padding(c));
  }

  @Override
  String quantize(String reals, QuantizedNetwork.Activation mapping) {
    return "torch.quantize_per_tensor(%s, %s, %d, 13)"
        .formatted(reals, literal(mapping.scale()), mapping.zeroPoint());
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
