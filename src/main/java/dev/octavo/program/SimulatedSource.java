package dev.octavo.program;

import dev.octavo.image.Normalization;
import dev.octavo.network.Activation;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.ScriptModule;
import java.util.ArrayList;
import java.util.List;

/**
 * The source of a forward pass in float32 that rounds wherever {@linkplain Int8Program the int8
 * program} does (Jacob et al., "Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference", 2018): batch norm folded by its running statistics, weights
 * per output channel, and each layer's output by its mapping, after sum and activation. Gradients
 * pass straight through rounding, and not at all where a value is outside of its range.
 *
 * <p>Both compute the same up to the order in which floats are added. A value that is halfway
 * between two codes may become either.
 */
final class SimulatedSource {
  private static final String MEAN_COLOUR = "CONSTANTS.c0";
  private static final String MEAN = "CONSTANTS.c1";
  private static final String DEVIATION = "CONSTANTS.c2";
  private static final int GREATEST_CODE = 255;

  private final FusedNetwork graph;
  private final SimulatedInt8 int8;
  private final Normalization normalization;
  private final DropoutSource dropout;

  SimulatedSource(
      FusedNetwork graph, SimulatedInt8 int8, Normalization normalization, DropoutSource dropout) {
    this.graph = graph;
    this.int8 = int8;
    this.normalization = normalization;
    this.dropout = dropout;
  }

  /** The constants that the lines read. */
  List<Tensor> constants() {
    return List.of(
        pixels().meanColour(), normalization.meanPixelTensor(), normalization.stdPixelTensor());
  }

  private Int8Pixels pixels() {
    return Int8Pixels.of(graph, normalization);
  }

  /**
   * The method that rounds a convolution's weights, as {@code WeightQuantizer} does. A channel's
   * scale is a constant to the gradient.
   */
  static String roundWeights(SimulatedInt8 int8) {
    return """
      def round_weights(self: __torch__.Trainer, weight: Tensor) -> Tensor:
        greatest = torch.amax(torch.abs(torch.detach(weight)), [1, 2, 3])
        scale = torch.div(greatest, %1$d)
        scale = torch.where(torch.lt(scale, %2$s), torch.ones_like(scale), scale)
        zero = torch.zeros_like(scale, dtype=%3$d)
        return torch.fake_quantize_per_channel_affine(weight, scale, zero, 0, -%1$d, %1$d)
    """
        .formatted(int8.levels(), Double.toString(Float.MIN_NORMAL), ScalarType.INT);
  }

  /** Lines that turn {@code images}, as {@link Int8Program} takes them, into {@code logits}. */
  List<String> forward() {
    List<String> lines = new ArrayList<>(pixels().padded(MEAN_COLOUR));
    lines.add(
        "pixels = torch.sub(torch.to(torch.permute(padded, [0, 3, 1, 2]), %d), %s)"
            .formatted(ScalarType.FLOAT, MEAN));
    Emitter emitter = new Emitter(lines);
    graph.layers().forEach(layer -> layer.accept(emitter));
    lines.add("logits = " + EagerSource.value(graph.classifier().output()));
    return lines;
  }

  private boolean isFloat(int value) {
    return value != Node.PIXELS && !int8.activations().containsKey(graph.source(value));
  }

  /** As {@link QuantizedNetwork#withFloat} has it. */
  private boolean isFloat(Layer.Convolution c) {
    return isFloat(c.output()) || c.inputs().stream().anyMatch(this::isFloat);
  }

  /** Adds the lines that compute a layer's output, in reals. */
  private final class Emitter implements LayerVisitor<Void> {
    private final List<String> lines;
    private final Network network = graph.network();

    Emitter(List<String> lines) {
      this.lines = lines;
    }

    private Void let(int value, String expression) {
      lines.add("%s = %s".formatted(EagerSource.value(value), expression));
      return null;
    }

    /** Rounds a value, if it has a mapping. */
    private Void round(int value) {
      return isFloat(value) ? null : round(value, int8.activations().get(graph.source(value)));
    }

    private Void round(int value, QuantParams mapping) {
      return let(
          value,
          "torch.fake_quantize_per_tensor_affine(%s, %s, %d, 0, %d)"
              .formatted(
                  EagerSource.value(value),
                  Int8Source.literal(mapping.scale()),
                  mapping.zeroPoint(),
                  GREATEST_CODE));
    }

    /** The variable of what a node reads, after any dropout, which the fused network is without. */
    private String read(int input) {
      if (input != Node.PIXELS && network.nodes().get(input) instanceof Node.Dropout d) {
        lines.addAll(dropout.lines(EagerSource.value(input), read(d.input()), input, d));
      }
      return EagerSource.value(input);
    }

    /** Adds a branch, which is computed already, to its shortcut. */
    private Void add(int output, Activation activation) {
      Node.Add a = (Node.Add) network.nodes().get(output);
      String sum = "torch.add(%s, %s)".formatted(read(a.branch()), read(a.shortcut()));
      let(output, EagerSource.activated(activation, sum));
      return round(output);
    }

    @Override
    public Void convolution(Layer.Convolution c) {
      convolve(c);
      if (c.accumulates()) {
        if (int8.operators() == Int8Operators.PORTABLE && !isFloat(c)) {
          round(c.branch(), int8.activations().get(c.branch()));
        }
        return add(c.output(), c.activation());
      }
      if (c.activation() != Activation.NONE) {
        let(c.output(), EagerSource.activated(c.activation(), EagerSource.value(c.output())));
      }
      return round(c.output());
    }

    /** The folded convolution alone. */
    private void convolve(Layer.Convolution layer) {
      Node.Conv c = layer.conv();
      String norm = c.norm().name();
      lines.add(
          "factor = torch.div(%s, torch.sqrt(torch.add(%s, %s)))"
              .formatted(
                  ScriptModule.read(norm + ".weight"),
                  ScriptModule.read(norm + ".running_var"),
                  c.norm().epsilon()));
      lines.add(
          "weight = torch.mul(%s, torch.view(factor, [-1, 1, 1, 1]))"
              .formatted(ScriptModule.read(c.name() + ".weight")));
      if (c.input() == Node.PIXELS) {
        lines.add("weight = torch.div(weight, %s)".formatted(DEVIATION));
      }
      if (!isFloat(layer)) {
        lines.add("weight = (self).round_weights(weight)");
      }
      lines.add(
          "bias = torch.sub(%s, torch.mul(%s, factor))"
              .formatted(
                  ScriptModule.read(norm + ".bias"), ScriptModule.read(norm + ".running_mean")));
      let(
          layer.branch(),
          "torch.conv2d(%s, weight, bias, %s)"
              .formatted(
                  EagerSource.value(layer.input()),
                  ConvArguments.strideFirst(Int8Source.geometry(c))));
    }

    @Override
    public Void sum(Layer.Sum s) {
      return add(s.output(), s.activation());
    }

    @Override
    public Void maxPool(Layer.MaxPool p) {
      lines.add(
          EagerSource.maxPool(
              EagerSource.MAX_POOL,
              EagerSource.value(p.output()),
              EagerSource.value(p.input()),
              p.pool()));
      return null;
    }

    @Override
    public Void averagePool(Layer.AveragePool p) {
      let(p.output(), EagerSource.averagePool(EagerSource.value(p.input()), p.pool()));
      return round(p.output());
    }

    @Override
    public Void concat(Layer.Concat c) {
      return let(
          c.output(),
          EagerSource.concatenated(c.inputs().stream().map(EagerSource::value).toList()));
    }

    @Override
    public Void channelSlice(Layer.ChannelSlice s) {
      String map = EagerSource.value(s.input());
      return let(s.output(), EagerSource.slice(map, s.slice().from(), s.slice().channels()));
    }

    @Override
    public Void channelShuffle(Layer.ChannelShuffle s) {
      String map = EagerSource.value(s.input());
      return let(s.output(), EagerSource.shuffled(map, s.channels(), s.shuffle().groups()));
    }

    @Override
    public Void squeezeExcitation(Layer.SqueezeExcitation s) {
      String x = EagerSource.value(s.input());
      String gates = AffineSource.OF_STATE.gates(s.block(), EagerSource.mean(x));
      let(s.output(), EagerSource.excited(x, gates, s.block().channels(), Precision.FP32));
      return round(s.output());
    }

    @Override
    public Void globalAveragePool(Layer.GlobalAveragePool p) {
      return let(p.output(), EagerSource.mean(EagerSource.value(p.input())));
    }

    @Override
    public Void linear(Layer.Linear l) {
      return let(l.output(), AffineSource.OF_STATE.apply(l.linear(), read(l.linear().input())));
    }
  }
}
