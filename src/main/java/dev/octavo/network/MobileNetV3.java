package dev.octavo.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Howard et al., "Searching for MobileNetV3" (2019), as torchvision builds it. */
final class MobileNetV3 {
  private static final int STEM_WIDTH = 16;
  private static final int HEAD_EXPANSION = 6;
  private static final double DROPOUT = 0.2;

  /**
   * An inverted residual.
   *
   * @param kernel of its depthwise convolution
   * @param inner channels of that
   * @param width channels out
   * @param excitation whether squeeze-and-excitation follows
   * @param activation of all but the last convolution
   * @param stride of the depthwise convolution
   */
  private record Block(
      int kernel, int inner, int width, boolean excitation, Activation activation, int stride) {}

  private static final Activation RE = Activation.RELU;
  private static final Activation HS = Activation.HARDSWISH;

  private static final List<Block> LARGE =
      List.of(
          new Block(3, 16, 16, false, RE, 1),
          new Block(3, 64, 24, false, RE, 2),
          new Block(3, 72, 24, false, RE, 1),
          new Block(5, 72, 40, true, RE, 2),
          new Block(5, 120, 40, true, RE, 1),
          new Block(5, 120, 40, true, RE, 1),
          new Block(3, 240, 80, false, HS, 2),
          new Block(3, 200, 80, false, HS, 1),
          new Block(3, 184, 80, false, HS, 1),
          new Block(3, 184, 80, false, HS, 1),
          new Block(3, 480, 112, true, HS, 1),
          new Block(3, 672, 112, true, HS, 1),
          new Block(5, 672, 160, true, HS, 2),
          new Block(5, 960, 160, true, HS, 1),
          new Block(5, 960, 160, true, HS, 1));

  private static final List<Block> SMALL =
      List.of(
          new Block(3, 16, 16, true, RE, 2),
          new Block(3, 72, 24, false, RE, 2),
          new Block(3, 88, 24, false, RE, 1),
          new Block(5, 96, 40, true, HS, 2),
          new Block(5, 240, 40, true, HS, 1),
          new Block(5, 240, 40, true, HS, 1),
          new Block(5, 120, 48, true, HS, 1),
          new Block(5, 144, 48, true, HS, 1),
          new Block(5, 288, 96, true, HS, 2),
          new Block(5, 576, 96, true, HS, 1),
          new Block(5, 576, 96, true, HS, 1));

  /** Both of them. */
  static final List<Architecture> ALL =
      List.of(
          architecture("mobilenet_v3_large", LARGE, 1280),
          architecture("mobilenet_v3_small", SMALL, 1024));

  private MobileNetV3() {}

  private static Architecture architecture(String id, List<Block> blocks, int features) {
    Map<String, List<String>> stages = new LinkedHashMap<>();
    stages.put("stem", List.of(feature(0)));
    for (int i = 1; i <= blocks.size(); i++) {
      stages.put("block" + i, List.of(feature(i)));
    }
    stages.put("head", List.of(feature(blocks.size() + 1), "classifier.0"));
    return new Architecture(id, stages, classes -> network(id, blocks, features, classes));
  }

  private static String feature(int i) {
    return "features." + i;
  }

  private static Network network(String id, List<Block> blocks, int features, int classes) {
    NodeList nodes = new NodeList(name -> new BatchNorm(name, 1e-3, 0.01));
    nodes.conv(feature(0), STEM_WIDTH, Geometry.of(3, 2), HS);
    for (int i = 0; i < blocks.size(); i++) {
      invertedResidual(nodes, feature(i + 1) + ".block.", blocks.get(i));
    }
    int head = nodes.channels() * HEAD_EXPANSION;
    nodes.conv(feature(blocks.size() + 1), head, Geometry.of(1, 1), HS);
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    nodes.linear("classifier.0", features, HS);
    nodes.add(new Node.Dropout(nodes.last(), DROPOUT));
    return nodes.network(id, "classifier.3", classes);
  }

  private static void invertedResidual(NodeList nodes, String prefix, Block block) {
    int input = nodes.last();
    int in = nodes.channels();
    int inner = block.inner();
    int layer = 0;
    if (inner != in) {
      nodes.conv(prefix + layer++, inner, Geometry.of(1, 1), block.activation());
    }
    Geometry depthwise = Geometry.of(block.kernel(), block.stride()).withGroups(inner);
    nodes.conv(prefix + layer++, inner, depthwise, block.activation());
    if (block.excitation()) {
      int quarter = inner / 4;
      nodes.squeezeExcitation(
          prefix + layer++, Widths.divisible(quarter), Activation.RELU, Gate.HARDSIGMOID);
    }
    nodes.conv(prefix + layer, block.width(), Geometry.of(1, 1), Activation.NONE);
    if (block.stride() == 1 && in == block.width()) {
      nodes.add(new Node.Add(nodes.last(), input, Activation.NONE));
    }
  }
}
