package dev.octavo.export;

import dev.octavo.image.Normalization;
import dev.octavo.network.BatchNorm;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.NodeVisitor;
import dev.octavo.onnx.OnnxBuilder;
import dev.octavo.onnx.OnnxBuilder.Attribute;
import dev.octavo.tensor.StateDict;
import dev.octavo.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/**
 * A float network as an ONNX graph: one operator for each of PyTorch's modules, their weights under
 * torchvision's names. Batch norm is left to whoever runs it to fold.
 */
final class FloatOnnx implements NodeVisitor<String> {
  private final Operators operators;
  private final OnnxBuilder builder;
  private final Network network;
  private final StateDict state;
  private final String pixels;
  private final String[] values;

  private FloatOnnx(
      OnnxBuilder builder, Network network, StateDict state, Normalization normalization) {
    this.operators = new Operators(builder);
    this.builder = builder;
    this.state = state;
    this.network = network;
    this.values = new String[network.nodes().size()];
    this.pixels = normalised(normalization);
  }

  /** Adds all of a network to a model that has the input; gives it logits and features. */
  static void add(
      OnnxBuilder builder, Network network, StateDict state, Normalization normalization) {
    FloatOnnx graph = new FloatOnnx(builder, network, state, normalization);
    for (int i = 0; i < graph.values.length; i++) {
      graph.values[i] = network.nodes().get(i).accept(i, graph);
    }
    Operators operators = graph.operators;
    operators.named(Operators.FEATURES, graph.value(network.classifier().input()));
    operators.named(Operators.LOGITS, graph.values[graph.values.length - 1]);
  }

  /** {@code (pixel - 255 * mean) / (255 * std)}, channels first. */
  private String normalised(Normalization normalization) {
    float[] mean = new float[3];
    float[] std = new float[3];
    for (int c = 0; c < 3; c++) {
      mean[c] = normalization.meanPixel(c);
      std[c] = 255 * normalization.std(c);
    }
    String reals =
        builder.node("Cast", "pixels.float", List.of(Operators.IMAGES), Attribute.of("to", 1));
    String planes =
        builder.node(
            "Transpose", "pixels.planes", List.of(reals), Attribute.list("perm", 0, 3, 1, 2));
    String mean1 = builder.initializer("pixels.mean", Tensor.of(mean, 1, 3, 1, 1));
    String std1 = builder.initializer("pixels.std", Tensor.of(std, 1, 3, 1, 1));
    String centred = builder.node("Sub", "pixels.centred", List.of(planes, mean1));
    return builder.node("Div", "pixels", List.of(centred, std1));
  }

  private String value(int node) {
    return node == Node.PIXELS ? pixels : values[node];
  }

  private String weight(String name) {
    return builder.initializer(name, state.tensor(name));
  }

  @Override
  public String convolution(int index, Node.Conv c) {
    String conv =
        operators.convolution(
            c.name(), value(c.input()), c.geometry(), weight(c.name() + ".weight"));
    BatchNorm norm = c.norm();
    String normalised =
        builder.node(
            "BatchNormalization",
            norm.name(),
            List.of(
                conv,
                weight(norm.name() + ".weight"),
                weight(norm.name() + ".bias"),
                weight(norm.name() + ".running_mean"),
                weight(norm.name() + ".running_var")),
            Attribute.of("epsilon", (float) norm.epsilon()));
    return operators.activated(c.activation(), normalised);
  }

  @Override
  public String maxPool(int index, Node.MaxPool p) {
    return operators.maxPool("maxpool_" + index, value(p.input()), p);
  }

  @Override
  public String averagePool(int index, Node.AveragePool p) {
    return operators.averagePool("avgpool_" + index, value(p.input()), p);
  }

  @Override
  public String concat(int index, Node.Concat c) {
    return operators.concat("concat_" + index, c.inputs().stream().map(this::value).toList());
  }

  @Override
  public String channelSlice(int index, Node.ChannelSlice s) {
    return operators.channelSlice("slice_" + index, value(s.input()), s);
  }

  @Override
  public String channelShuffle(int index, Node.ChannelShuffle s) {
    return operators.channelShuffle(
        "shuffle_" + index, value(s.input()), network.channels(s.input()), s.groups());
  }

  @Override
  public String add(int index, Node.Add a) {
    String sum = operators.sum("add_" + index, value(a.branch()), value(a.shortcut()));
    return operators.activated(a.activation(), sum);
  }

  @Override
  public String squeezeExcitation(int index, Node.SqueezeExcitation block) {
    return operators.squeezeExcitation(
        block,
        value(block.input()),
        block.affines().stream()
            .flatMap(affine -> Stream.of(affine.name() + ".weight", affine.name() + ".bias"))
            .map(this::weight)
            .toList());
  }

  @Override
  public String globalAveragePool(int index, Node.GlobalAveragePool p) {
    return operators.globalAveragePool("avgpool_" + index, value(p.input()));
  }

  @Override
  public String dropout(int index, Node.Dropout d) {
    return value(d.input());
  }

  @Override
  public String linear(int index, Node.Linear l) {
    String affine =
        operators.linear(
            l.name(), value(l.input()), weight(l.name() + ".weight"), weight(l.name() + ".bias"));
    return operators.activated(l.activation(), affine);
  }
}
