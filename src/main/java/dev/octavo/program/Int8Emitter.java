package dev.octavo.program;

import dev.octavo.network.Activation;
import java.util.ArrayList;
import java.util.List;

/** The lines of {@link Int8Source} that compute a layer's output from its inputs. */
final class Int8Emitter implements LayerVisitor<List<String>> {
  private final Int8Source source;
  private final QuantizedNetwork quantized;

  Int8Emitter(Int8Source source) {
    this.source = source;
    this.quantized = source.quantized();
  }

  private List<String> let(Layer layer, String expression) {
    return List.of("%s = %s".formatted(Int8Source.value(layer.output()), expression));
  }

  @Override
  public List<String> convolution(Layer.Convolution c) {
    if (!quantized.isFloat(c.conv())) {
      return source.call(c);
    }
    List<String> lines = new ArrayList<>(let(c, source.floatCall(c)));
    if (c.accumulates()) {
      lines.addAll(
          let(
              c,
              "torch.add(%s, %s)"
                  .formatted(Int8Source.value(c.output()), source.real(c.shortcut()))));
    }
    lines.addAll(activateAndQuantize(c, c.activation()));
    return lines;
  }

  private List<String> activateAndQuantize(Layer layer, Activation activation) {
    String out = Int8Source.value(layer.output());
    List<String> lines = new ArrayList<>();
    if (activation != Activation.NONE) {
      lines.addAll(let(layer, EagerSource.activated(activation, out)));
    }
    if (!quantized.isFloat(layer.output())) {
      lines.addAll(let(layer, source.quantize(out, quantized.mapping(layer.output()))));
    }
    return lines;
  }

  @Override
  public List<String> maxPool(Layer.MaxPool p) {
    // torch.max_pool2d takes bytes only as a quantized tensor, which means copying in and out.
    String operator =
        quantized.isFloat(p.input()) ? EagerSource.MAX_POOL : "ops.quantized.max_pool2d";
    return List.of(
        EagerSource.maxPool(
            operator, Int8Source.value(p.output()), Int8Source.value(p.input()), p.pool()));
  }

  @Override
  public List<String> sum(Layer.Sum s) {
    List<String> lines =
        new ArrayList<>(
            let(s, "torch.add(%s, %s)".formatted(source.real(s.left()), source.real(s.right()))));
    lines.addAll(activateAndQuantize(s, s.activation()));
    return lines;
  }

  @Override
  public List<String> averagePool(Layer.AveragePool p) {
    return let(
        p,
        quantized.isFloat(p.input())
            ? EagerSource.averagePool(Int8Source.value(p.input()), p.pool())
            : source.average(p));
  }

  @Override
  public List<String> concat(Layer.Concat c) {
    List<String> inputs = c.inputs().stream().map(Int8Source::value).toList();
    return let(
        c,
        quantized.isFloat(c.output())
            ? EagerSource.concatenated(inputs)
            : source.concatenated(inputs, quantized.mapping(c.output())));
  }

  @Override
  public List<String> channelSlice(Layer.ChannelSlice s) {
    return let(
        s, EagerSource.slice(Int8Source.value(s.input()), s.slice().from(), s.slice().channels()));
  }

  @Override
  public List<String> channelShuffle(Layer.ChannelShuffle s) {
    if (quantized.isFloat(s.input())) {
      return let(s, shuffled(s, Int8Source.value(s.input())));
    }
    return let(
        s, source.codes(shuffled(s, source.bytes(s.input())), quantized.mapping(s.output())));
  }

  private String shuffled(Layer.ChannelShuffle s, String map) {
    return EagerSource.shuffled(map, s.channels(), s.shuffle().groups());
  }

  /**
   * In float32, for no operator multiplies codes by a number of each channel of each image. Codes
   * less zero stand for the reals, and the gates take their scale.
   */
  @Override
  public List<String> squeezeExcitation(Layer.SqueezeExcitation s) {
    List<String> lines = new ArrayList<>();
    int channels = s.block().channels();
    if (quantized.isFloat(s.input())) {
      String x = Int8Source.value(s.input());
      String gates = AffineSource.OF_INT8.gates(s.block(), EagerSource.mean(x));
      lines.addAll(let(s, EagerSource.excited(x, gates, channels, source.floats())));
    } else {
      QuantParams mapping = quantized.mapping(s.input());
      String scale = Int8Source.literal(mapping.scale());
      lines.add("centred = torch.to(%s, %d)".formatted(source.bytes(s.input()), ScalarType.FLOAT));
      if (mapping.zeroPoint() != 0) {
        lines.add("centred = torch.sub_(centred, %d)".formatted(mapping.zeroPoint()));
      }
      String mean = "torch.mul(%s, %s)".formatted(EagerSource.mean("centred"), scale);
      String gates = AffineSource.OF_INT8.gates(s.block(), mean);
      String factor = AffineSource.asMaps("torch.mul(%s, %s)".formatted(gates, scale), channels);
      lines.addAll(let(s, "torch.mul_(centred, %s)".formatted(factor)));
    }
    lines.addAll(activateAndQuantize(s, Activation.NONE));
    return lines;
  }

  @Override
  public List<String> globalAveragePool(Layer.GlobalAveragePool p) {
    if (quantized.isFloat(p.input())) {
      return let(p, EagerSource.mean(Int8Source.value(p.input())));
    }
    String mean = EagerSource.mean(source.bytes(p.input()));
    int zeroPoint = quantized.mapping(p.input()).zeroPoint();
    return let(p, zeroPoint == 0 ? mean : "torch.sub(%s, %d)".formatted(mean, zeroPoint));
  }

  @Override
  public List<String> linear(Layer.Linear l) {
    return let(l, AffineSource.OF_INT8.apply(l.linear(), Int8Source.value(l.input())));
  }
}
