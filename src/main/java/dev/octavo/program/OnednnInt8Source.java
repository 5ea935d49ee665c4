package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Geometry;
import dev.octavo.network.Node;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.ScriptModule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** With oneDNN's operators: codes are plain uint8 tensors, channels last. */
final class OnednnInt8Source extends Int8Source {
  /**
   * The output channels that oneDNN's direct convolution for CPUs without AVX2 ({@code
   * jit_uni_int8:sse41}) computes together. Those beyond a multiple come out wrong in libtorch
   * 2.7.1, though not in 2.13.
   */
  private static final int CHANNELS_AT_ONCE = 4;

  OnednnInt8Source(QuantizedNetwork quantized, InputShape shape, Precision floats) {
    super(quantized, shape, floats);
  }

  @Override
  void pack(ScriptModule module, Layer.Convolution layer, String inputShape) {
    Node.Conv c = layer.conv();
    boolean direct = c.geometry().taps() > 1 && c.geometry().groups() == 1;
    if (direct && c.outChannels() % CHANNELS_AT_ONCE != 0) {
      throw unsupported(
          quantized().graph(),
          layer,
          "writes %d channels, no multiple of %d".formatted(c.outChannels(), CHANNELS_AT_ONCE));
    }
    List<String> body =
        new ArrayList<>(prepack(layer.input(), integerGeometry(c), c.outChannels(), inputShape));
    body.add("self.bias = (state)[2]");
    module.packed(
        quantized().convolutions().get(c.name()).tensors(c),
        List.of("weight", "scale", "zero", "bias"),
        body);
  }

  /** Lines that pack the integers {@code (state)[0]} with scales {@code (state)[1]}. */
  private List<String> prepack(int input, Geometry geometry, int channels, String inputShape) {
    QuantParams in = quantized().mapping(input);
    return List.of(
        "self.weight = ops.onednn.qconv_prepack((state)[0], (state)[1], %s, %d, %s, %s)"
            .formatted(
                literal(in.scale()),
                in.zeroPoint(),
                ConvArguments.strideFirst(geometry),
                inputShape),
        "self.scale = (state)[1]",
        "self.zero = torch.zeros([%d], dtype=%d)".formatted(channels, ScalarType.INT));
  }

  /** A mean is a convolution of each channel by itself whose weights are all 1. */
  @Override
  void addAverage(ScriptModule root, Layer.AveragePool layer, String inputShape) {
    int channels = quantized().network().channels(layer.input());
    int kernel = layer.pool().kernel();
    byte[] ones = new byte[channels * kernel * kernel];
    Arrays.fill(ones, (byte) 1);
    float[] scales = new float[channels];
    Arrays.fill(scales, 1f / (kernel * kernel));
    ScriptModule module = new ScriptModule("Average_" + layer.output());
    module.packed(
        List.of(Tensor.of(ones, channels, 1, kernel, kernel), Tensor.of(scales, channels)),
        List.of("weight", "scale", "zero"),
        prepack(layer.input(), geometry(layer), channels, inputShape));
    root.submodule(averageModule(layer), module);
  }

  private static String averageModule(Layer.AveragePool layer) {
    return "average_" + layer.output();
  }

  private Geometry geometry(Layer.AveragePool layer) {
    Node.AveragePool p = layer.pool();
    int channels = quantized().network().channels(layer.input());
    return new Geometry(p.kernel(), p.stride(), p.padding(), 1, channels);
  }

  @Override
  String average(Layer.AveragePool layer) {
    QuantParams codes = quantized().mapping(layer.input());
    String m = "self." + averageModule(layer);
    return "ops.onednn.qconv2d_pointwise(%1$s, %2$s, %3$d, %4$s.weight, %4$s.scale, %4$s.zero, None, %5$s, %2$s, %3$d, 0, %6$s, \"\")"
        .formatted(
            value(layer.input()),
            literal(codes.scale()),
            codes.zeroPoint(),
            m,
            ConvArguments.strideFirst(geometry(layer)),
            OnednnActivation.arguments(Activation.NONE));
  }

  @Override
  String packFloat(Node.Conv c, String inputShape) {
    return "ops.mkldnn._reorder_convolution_weight(%s, %s, %s)"
        .formatted(cast("(state)[0]"), ConvArguments.paddingFirst(geometry(c)), inputShape);
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
            cast(real(layer.input())),
            m,
            m,
            ConvArguments.paddingFirst(geometry(layer.conv())),
            OnednnActivation.arguments(Activation.NONE));
  }

  @Override
  String quantize(String reals, QuantParams mapping) {
    String values =
        floats() == Precision.BF16 ? "torch.to(%s, %d)".formatted(reals, ScalarType.FLOAT) : reals;
    return "torch.int_repr(torch.quantize_per_tensor(%s, %s, %d, %d))"
        .formatted(values, literal(mapping.scale()), mapping.zeroPoint(), ScalarType.QUINT8);
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

  @Override
  String codes(String bytes, QuantParams mapping) {
    return bytes;
  }

  @Override
  String concatenated(List<String> codes, QuantParams mapping) {
    return EagerSource.concatenated(codes);
  }
}
