package dev.octavo.program;

import dev.octavo.network.Node;
import java.util.List;

/** With oneDNN's operators: codes are plain uint8 tensors, channels last. */
final class OnednnInt8Source extends Int8Source {
  OnednnInt8Source(QuantizedNetwork quantized, int imageSize, int batchSize) {
    super(quantized, imageSize, batchSize);
  }

  @Override
  void pack(ScriptModule module, Node.Conv c, long[] inputShape) {
    QuantizedNetwork.Activation in = quantized().mapping(c.input());
    module.packed(
        quantized().convolutions().get(c.name()).tensors(c),
        List.of("weight", "scale", "zero", "bias"),
        List.of(
            "self.weight = ops.onednn.qconv_prepack((state)[0], (state)[1], %s, %d, %s, [1, 1], 1, %s)"
                .formatted(
                    literal(in.scale()), in.zeroPoint(), strideAndPadding(c), list(inputShape)),
            "self.scale = (state)[1]",
            "self.zero = torch.zeros([%d], dtype=3)".formatted(c.outChannels()),
            "self.bias = (state)[2]"));
  }

  @Override
  String packFloat(Node.Conv c, long[] inputShape) {
    return "ops.mkldnn._reorder_convolution_weight((state)[0], [%d, %d], [%d, %d], [1, 1], 1, %s)"
        .formatted(padding(c), padding(c), c.stride(), c.stride(), list(inputShape));
  }

  @Override
  String codesOfPixels() {
    return "torch.permute(padded, [0, 3, 1, 2])";
  }

  @Override
  List<String> call(FusionPlan.Convolution step) {
    Node.Conv c = step.conv();
    QuantizedNetwork.Activation out = quantized().mapping(step.output());
    String relu = step.relu() ? "relu" : "none";
    String geometry =
        "self.%s.bias, %s, [1, 1], 1, %s, %d, 0, "
            .formatted(module(c), strideAndPadding(c), literal(out.scale()), out.zeroPoint());
    String call = value(step.output()) + " = " + head(c);
    if (!step.accumulates()) {
      return List.of(call + geometry + "\"%s\", %s, \"\")".formatted(relu, NO_SCALARS));
    }
    QuantizedNetwork.Activation shortcut = quantized().mapping(step.shortcut());
    return List.of(
        call
            + value(step.shortcut())
            + ", "
            + geometry
            + "%s, %d, \"sum\", 1., \"%s\", %s, \"\")"
                .formatted(literal(shortcut.scale()), shortcut.zeroPoint(), relu, NO_SCALARS));
  }

  private String head(Node.Conv c) {
    QuantizedNetwork.Activation in = quantized().mapping(c.input());
    String m = "self." + module(c);
    return "ops.onednn.qconv2d_pointwise(%s, %s, %d, %s.weight, %s.scale, %s.zero, "
        .formatted(value(c.input()), literal(in.scale()), in.zeroPoint(), m, m, m);
  }

  @Override
  String floatCall(Node.Conv c) {
    String m = "self." + floatModule(c);
    return "ops.mkldnn._convolution_pointwise(%s, %s.weight, %s.bias, [%d, %d], [%d, %d], [1, 1], 1, \"none\", %s, None)"
        .formatted(
            real(c.input()), m, m, padding(c), padding(c), c.stride(), c.stride(), NO_SCALARS);
  }

  @Override
  String quantize(String reals, QuantizedNetwork.Activation mapping) {
    return "torch.int_repr(torch.quantize_per_tensor(%s, %s, %d, 13))"
        .formatted(reals, literal(mapping.scale()), mapping.zeroPoint());
  }

  @Override
  String dequantize(int node) {
    QuantizedNetwork.Activation mapping = quantized().mapping(node);
    return "torch.mul(torch.sub(torch.to(%s, 6), %d), %s)"
        .formatted(value(node), mapping.zeroPoint(), literal(mapping.scale()));
  }

  @Override
  String bytes(int node) {
    return value(node);
  }
}
