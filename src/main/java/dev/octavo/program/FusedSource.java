package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Affine;
import dev.octavo.network.Node;
import dev.octavo.tensor.Tensor;
import dev.octavo.torchscript.ScriptModule;
import java.util.ArrayList;
import java.util.List;

/**
 * The fused float network as source and modules, as {@link FusedProgram} and the programs that
 * observe it share it: convolutions by oneDNN on channels-last memory with weights reordered once,
 * at load.
 */
final class FusedSource {
  private final FoldedNetwork folded;
  private final FusedNetwork graph;
  private final InputShape input;
  private final Precision precision;
  private final Adds adds;

  /** The computation of sums that a convolution takes over. */
  enum Adds {
    /** As part of the convolution that ends the branch. */
    FUSED,
    /** By themselves, with the branch in the variable {@link #branch}. */
    SEPARATE
  }

  /** A source with fused sums. */
  FusedSource(FoldedNetwork folded, InputShape input, Precision precision) {
    this(folded, input, precision, Adds.FUSED);
  }

  /**
   * A source.
   *
   * @param precision fp32 or bf16
   */
  FusedSource(FoldedNetwork folded, InputShape input, Precision precision, Adds adds) {
    this.adds = adds;
    this.folded = folded;
    this.graph = folded.graph();
    this.input = input;
    this.precision = precision.requireFp32OrBf16();
  }

  /** Adds one module of packed weights per convolution, and the affine maps. */
  void addWeights(ScriptModule root) {
    int[] sizes = graph.network().spatialSizes(input.imageSize());
    for (Layer.Convolution layer : graph.convolutions()) {
      int size = layer.input() == Node.PIXELS ? input.imageSize() : sizes[layer.input()];
      root.submodule(module(layer.conv()), convolution(layer.conv(), size));
    }
    for (Affine a : graph.network().affines()) {
      Dense dense = folded.dense().get(a.name());
      root.buffer(a.name() + ".weight", Tensor.of(dense.weight(), a.out(), a.in()));
      root.buffer(a.name() + ".bias", Tensor.of(dense.bias(), a.out()));
    }
  }

  /** A module's attribute name for a convolution: dots can't be in it. */
  static String module(Node.Conv conv) {
    return ScriptModule.identifier(conv.name());
  }

  private ScriptModule convolution(Node.Conv c, int size) {
    String cast =
        precision == Precision.BF16 ? "torch.to(%%s, %d)".formatted(ScalarType.BFLOAT16) : "%s";
    ScriptModule module = new ScriptModule("Convolution_" + module(c));
    module.packed(
        folded.convolutions().get(c.name()).tensors(c),
        List.of("weight", "bias"),
        List.of(
            "self.weight = ops.mkldnn._reorder_convolution_weight(%s, %s, %s)"
                .formatted(
                    cast.formatted("(state)[0]"),
                    ConvArguments.paddingFirst(c.geometry()),
                    input.featureMap(c.inChannels(), size)),
            "self.bias = " + cast.formatted("(state)[1]")));
    return module;
  }

  /** Lines around those of a layer. */
  interface Hook {
    /** Adds lines before a layer. */
    default void before(List<String> lines, Layer layer) {}

    /** Adds lines after a layer. */
    default void after(List<String> lines, Layer layer) {}
  }

  /** Lines that turn uint8 {@code images} into {@code logits}. */
  List<String> forward(Hook hook) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "pixels = torch.sub(torch.to(torch.permute(images, [0, 3, 1, 2]), %d), CONSTANTS.c0)"
            .formatted(ScalarType.FLOAT));
    if (precision == Precision.BF16) {
      lines.add("pixels = torch.to(pixels, %d)".formatted(ScalarType.BFLOAT16));
    }
    Emitter emitter = new Emitter();
    for (Layer layer : graph.layers()) {
      hook.before(lines, layer);
      lines.addAll(layer.accept(emitter));
      hook.after(lines, layer);
    }
    lines.add("logits = " + EagerSource.value(graph.classifier().output()));
    return lines;
  }

  /** The lines that compute a layer's output. */
  private final class Emitter implements LayerVisitor<List<String>> {
    private List<String> let(Layer layer, String expression) {
      return List.of("%s = %s".formatted(EagerSource.value(layer.output()), expression));
    }

    @Override
    public List<String> convolution(Layer.Convolution c) {
      if (!c.accumulates()) {
        return let(c, convolve(c, c.activation()));
      }
      String shortcut = EagerSource.value(c.shortcut());
      if (adds == Adds.SEPARATE) {
        List<String> lines = new ArrayList<>();
        lines.add("%s = %s".formatted(branch(c), convolve(c, Activation.NONE)));
        String sum = "torch.add(%s, %s)".formatted(branch(c), shortcut);
        lines.addAll(let(c, EagerSource.activated(c.activation(), sum)));
        return lines;
      }
      return let(
          c,
          "ops.mkldnn._convolution_pointwise_(%s, %s, \"add\", 1., %s, None)"
              .formatted(shortcut, operands(c), afterSum(c)));
    }

    @Override
    public List<String> maxPool(Layer.MaxPool p) {
      return List.of(
          EagerSource.maxPool(
              EagerSource.MAX_POOL,
              EagerSource.value(p.output()),
              EagerSource.value(p.input()),
              p.pool()));
    }

    @Override
    public List<String> sum(Layer.Sum s) {
      String sum =
          "torch.add(%s, %s)".formatted(EagerSource.value(s.left()), EagerSource.value(s.right()));
      return let(s, EagerSource.activated(s.activation(), sum));
    }

    @Override
    public List<String> averagePool(Layer.AveragePool p) {
      return let(p, EagerSource.averagePool(EagerSource.value(p.input()), p.pool()));
    }

    @Override
    public List<String> concat(Layer.Concat c) {
      return let(c, EagerSource.concatenated(c.inputs().stream().map(EagerSource::value).toList()));
    }

    @Override
    public List<String> channelSlice(Layer.ChannelSlice s) {
      String map = EagerSource.value(s.input());
      return let(s, EagerSource.slice(map, s.slice().from(), s.slice().channels()));
    }

    @Override
    public List<String> channelShuffle(Layer.ChannelShuffle s) {
      String map = EagerSource.value(s.input());
      return let(s, EagerSource.shuffled(map, s.channels(), s.shuffle().groups()));
    }

    @Override
    public List<String> squeezeExcitation(Layer.SqueezeExcitation s) {
      String x = EagerSource.value(s.input());
      String gates = AffineSource.OF_FUSED.gates(s.block(), EagerSource.mean(x));
      return let(s, EagerSource.excited(x, gates, s.block().channels(), precision));
    }

    @Override
    public List<String> globalAveragePool(Layer.GlobalAveragePool p) {
      return let(p, EagerSource.mean(EagerSource.value(p.input())));
    }

    @Override
    public List<String> linear(Layer.Linear l) {
      return let(l, AffineSource.OF_FUSED.apply(l.linear(), EagerSource.value(l.input())));
    }
  }

  /** The variable that holds the end of a branch where adds are separate. */
  static String branch(Layer.Convolution layer) {
    return "branch_" + module(layer.conv());
  }

  private static String convolve(Layer.Convolution layer, Activation activation) {
    return "ops.mkldnn._convolution_pointwise(%s, %s, None)"
        .formatted(operands(layer), OnednnActivation.arguments(activation));
  }

  private static String afterSum(Layer.Convolution layer) {
    return layer.activation() == Activation.NONE
        ? "None, " + OnednnActivation.NO_SCALARS
        : OnednnActivation.arguments(layer.activation());
  }

  private static String operands(Layer.Convolution layer) {
    String weights = "self." + module(layer.conv());
    return "%s, %s.weight, %s.bias, %s"
        .formatted(
            EagerSource.value(layer.input()),
            weights,
            weights,
            ConvArguments.paddingFirst(layer.conv().geometry()));
  }
}
