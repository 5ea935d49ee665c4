package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Node;
import dev.octavo.torchscript.ScriptModule;
import java.util.List;

/** With oneDNN's operators: codes are plain uint8 tensors, channels last. */
final class OnednnInt8Source extends Int8Source {
  /**
   * The output channels that oneDNN's direct convolution for CPUs without AVX2 ({@code
   * jit_uni_int8:sse41}) computes together. Those beyond a multiple come out wrong in libtorch
   * 2.7.1, though not in 2.13.
   */
  private static final int CHANNELS_AT_ONCE = 4;

  OnednnInt8Source(QuantizedNetwork quantized, InputShape shape) {
    super(quantized, shape);
  }

  @Override
  void pack(ScriptModule module, Layer.Convolution layer, String inputShape) {
    Node.Conv c = layer.conv();
    boolean direct = c.geometry().kernel() > 1 && c.geometry().groups() == 1;
    if (direct && c.outChannels() % CHANNELS_AT_ONCE != 0) {
      throw unsupported(
          quantized().graph(),
          layer,
          "writes %d channels, no multiple of %d".formatted(c.outChannels(), CHANNELS_AT_ONCE));
    }
    QuantParams in = quantized().mapping(layer.input());
    module.packed(
        quantized().convolutions().get(c.name()).tensors(c),
        List.of("weight", "scale", "zero", "bias"),
        List.of(
            "self.weight = ops.onednn.qconv_prepack((state)[0], (state)[1], %s, %d, %s, %s)"
                .formatted(
                    literal(in.scale()),
                    in.zeroPoint(),
                    ConvArguments.strideFirst(integerGeometry(c)),
                    inputShape),
            "self.scale = (state)[1]",
            "self.zero = torch.zeros([%d], dtype=%d)".formatted(c.outChannels(), ScalarType.INT),
            "self.bias = (state)[2]"));
  }

  @Override
  String packFloat(Node.Conv c, String inputShape) {
    return "ops.mkldnn._reorder_convolution_weight((state)[0], %s, %s)"
        .formatted(ConvArguments.paddingFirst(geometry(c)), inputShape);
  }

  @Override
  String codesOfPixels() {
    return "torch.permute(padded, [0, 3, 1, 2])";
  }

  @Override
  List<String> call(Layer.Convolution layer) {
    Node.Conv c = layer.conv();
    QuantParams out = quantized().mapping(layer.output());
    String activation = OnednnActivation.arguments(saturating(layer.activation(), out));
    String geometry =
        "self.%s.bias, %s, %s, %d, 0, "
            .formatted(
                module(c),
                ConvArguments.strideFirst(integerGeometry(c)),
                literal(out.scale()),
                out.zeroPoint());
    String call = value(layer.output()) + " = " + head(layer);
    if (!layer.accumulates()) {
      return List.of(call + geometry + activation + ", \"\")");
    }
    QuantParams shortcut = quantized().mapping(layer.shortcut());
    return List.of(
        call
            + value(layer.shortcut())
            + ", "
            + geometry
            + "%s, %d, \"sum\", 1., %s, \"\")"
                .formatted(literal(shortcut.scale()), shortcut.zeroPoint(), activation));
  }

  private String head(Layer.Convolution layer) {
    QuantParams in = quantized().mapping(layer.input());
    String m = "self." + module(layer.conv());
    return "ops.onednn.qconv2d_pointwise(%s, %s, %d, %s.weight, %s.scale, %s.zero, "
        .formatted(integerInput(layer), literal(in.scale()), in.zeroPoint(), m, m, m);
  }

  @Override
  String floatCall(Layer.Convolution layer) {
    String m = "self." + floatModule(layer.conv());
    return "ops.mkldnn._convolution_pointwise(%s, %s.weight, %s.bias, %s, %s, None)"
        .formatted(
            real(layer.input()),
            m,
            m,
            ConvArguments.paddingFirst(geometry(layer.conv())),
            OnednnActivation.arguments(Activation.NONE));
  }

  @Override
  String quantize(String reals, QuantParams mapping) {
    return "torch.int_repr(torch.quantize_per_tensor(%s, %s, %d, %d))"
        .formatted(reals, literal(mapping.scale()), mapping.zeroPoint(), ScalarType.QUINT8);
  }

  @Override
  String dequantize(int node) {
    QuantParams mapping = quantized().mapping(node);
    return "torch.mul(torch.sub(torch.to(%s, %d), %d), %s)"
        .formatted(value(node), ScalarType.FLOAT, mapping.zeroPoint(), literal(mapping.scale()));
  }

  @Override
  String bytes(int node) {
    return value(node);
  }
}
