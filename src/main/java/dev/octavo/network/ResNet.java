package dev.octavo.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Residual networks as torchvision builds them: those of He et al., "Deep Residual Learning for
 * Image Recognition" (2015), v1.5, with a bottleneck's stride on its 3×3 convolution; of Xie et
 * al., "Aggregated Residual Transformations for Deep Neural Networks" (2017), whose 3×3
 * convolutions have groups; and of Zagoruyko and Komodakis, "Wide Residual Networks" (2016), whose
 * 3×3 convolutions are wide.
 */
public final class ResNet {
  /** 18 layers, basic blocks. */
  public static final Architecture RESNET18 = basic("resnet18", 2, 2, 2, 2);

  /** 34 layers, basic blocks. */
  public static final Architecture RESNET34 = basic("resnet34", 3, 4, 6, 3);

  /** 50 layers, bottlenecks. */
  public static final Architecture RESNET50 = bottlenecks("resnet50", 1, 64, 3, 4, 6, 3);

  private static final int STEM_WIDTH = 64;
  private static final int EXPANSION = 4;

  /** All of them. */
  static final List<Architecture> ALL =
      List.of(
          RESNET18,
          RESNET34,
          RESNET50,
          bottlenecks("resnet101", 1, 64, 3, 4, 23, 3),
          bottlenecks("resnet152", 1, 64, 3, 8, 36, 3),
          bottlenecks("resnext50_32x4d", 32, 4, 3, 4, 6, 3),
          bottlenecks("resnext101_32x8d", 32, 8, 3, 4, 23, 3),
          bottlenecks("resnext101_64x4d", 64, 4, 3, 4, 23, 3).resizing(232),
          bottlenecks("wide_resnet50_2", 1, 128, 3, 4, 6, 3),
          bottlenecks("wide_resnet101_2", 1, 128, 3, 4, 23, 3));

  private ResNet() {}

  private static Architecture basic(String id, int... depths) {
    return architecture(id, ResNet::basicBlock, depths);
  }

  /**
   * A network of bottlenecks.
   *
   * @param groups of the 3×3 convolutions
   * @param groupWidth channels of each group in the first stage
   * @param depths blocks of each stage
   */
  private static Architecture bottlenecks(String id, int groups, int groupWidth, int... depths) {
    return architecture(
        id,
        (nodes, prefix, width, stride) ->
            bottleneck(
                nodes, prefix, width * groupWidth / STEM_WIDTH * groups, width, stride, groups),
        depths);
  }

  /** One block, which reads the last node and ends with its sum. */
  private interface Block {
    void add(NodeList nodes, String prefix, int width, int stride);
  }

  private static Architecture architecture(String id, Block block, int... depths) {
    Map<String, List<String>> stages = new LinkedHashMap<>();
    stages.put("stem", List.of("conv1", "bn1"));
    for (int stage = 1; stage <= depths.length; stage++) {
      stages.put("layer" + stage, List.of("layer" + stage));
    }
    return new Architecture(id, stages, classes -> network(id, block, depths, classes));
  }

  private static Network network(String id, Block block, int[] depths, int classes) {
    NodeList nodes = new NodeList();
    nodes.conv("conv1", "bn1", STEM_WIDTH, Geometry.of(7, 2), Activation.RELU);
    nodes.add(new Node.MaxPool(nodes.last(), 3, 2, 1));
    for (int stage = 0; stage < depths.length; stage++) {
      for (int i = 0; i < depths[stage]; i++) {
        int stride = stage > 0 && i == 0 ? 2 : 1;
        block.add(nodes, "layer%d.%d".formatted(stage + 1, i), STEM_WIDTH << stage, stride);
      }
    }
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    return nodes.network(id, "fc", classes);
  }

  private static void basicBlock(NodeList nodes, String prefix, int width, int stride) {
    int input = nodes.last();
    int in = nodes.channels();
    conv(nodes, prefix, 1, width, Geometry.of(3, stride), Activation.RELU);
    conv(nodes, prefix, 2, width, Geometry.of(3, 1), Activation.NONE);
    addShortcut(nodes, prefix, input, in, stride);
  }

  private static void bottleneck(
      NodeList nodes, String prefix, int inner, int width, int stride, int groups) {
    int input = nodes.last();
    int in = nodes.channels();
    conv(nodes, prefix, 1, inner, Geometry.of(1, 1), Activation.RELU);
    conv(nodes, prefix, 2, inner, Geometry.of(3, stride).withGroups(groups), Activation.RELU);
    conv(nodes, prefix, 3, width * EXPANSION, Geometry.of(1, 1), Activation.NONE);
    addShortcut(nodes, prefix, input, in, stride);
  }

  private static void conv(
      NodeList nodes, String prefix, int i, int out, Geometry geometry, Activation activation) {
    nodes.conv(
        "%s.conv%d".formatted(prefix, i),
        "%s.bn%d".formatted(prefix, i),
        out,
        geometry,
        activation);
  }

  /** The sum with the block's input, which a convolution brings to the branch's size first. */
  private static void addShortcut(NodeList nodes, String prefix, int input, int in, int stride) {
    int branch = nodes.last();
    int out = nodes.channels();
    int shortcut = input;
    if (stride != 1 || in != out) {
      nodes.from(input);
      shortcut = nodes.conv(prefix + ".downsample", out, Geometry.of(1, stride), Activation.NONE);
    }
    nodes.add(new Node.Add(branch, shortcut, Activation.RELU));
  }
}
