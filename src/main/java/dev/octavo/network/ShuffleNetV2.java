package dev.octavo.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Ma et al., "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design" (2018), as
 * torchvision builds them.
 */
final class ShuffleNetV2 {
  private static final int STEM_WIDTH = 24;
  private static final int BRANCHES = 2;
  private static final int[] UNITS = {4, 8, 4};

  /** All of them. */
  static final List<Architecture> ALL =
      List.of(
          architecture("shufflenet_v2_x0_5", 1024, 48, 96, 192),
          architecture("shufflenet_v2_x1_0", 1024, 116, 232, 464),
          architecture("shufflenet_v2_x1_5", 1024, 176, 352, 704).resizing(232),
          architecture("shufflenet_v2_x2_0", 2048, 244, 488, 976).resizing(232));

  private ShuffleNetV2() {}

  private static Architecture architecture(String id, int head, int... widths) {
    Map<String, List<String>> stages = new LinkedHashMap<>();
    stages.put("stem", List.of("conv1"));
    for (int i = 0; i < widths.length; i++) {
      stages.put(stage(i), List.of(stage(i)));
    }
    stages.put("head", List.of("conv5"));
    return new Architecture(id, stages, classes -> network(id, head, widths, classes));
  }

  private static String stage(int i) {
    return "stage" + (i + 2);
  }

  private static Network network(String id, int head, int[] widths, int classes) {
    NodeList nodes = new NodeList();
    nodes.conv("conv1", STEM_WIDTH, Geometry.of(3, 2), Activation.RELU);
    nodes.add(new Node.MaxPool(nodes.last(), 3, 2, 1));
    for (int stage = 0; stage < widths.length; stage++) {
      for (int unit = 0; unit < UNITS[stage]; unit++) {
        String name = "%s.%d.".formatted(stage(stage), unit);
        if (unit == 0) {
          strided(nodes, name, widths[stage] / BRANCHES);
        } else {
          unit(nodes, name);
        }
        nodes.add(new Node.ChannelShuffle(nodes.last(), BRANCHES));
      }
    }
    nodes.conv("conv5", head, Geometry.of(1, 1), Activation.RELU);
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    return nodes.network(id, "fc", classes);
  }

  /** One half of the channels passes by, the other through the branch. */
  private static void unit(NodeList nodes, String name) {
    int input = nodes.last();
    int half = nodes.channels() / BRANCHES;
    int kept = nodes.slice(input, 0, half);
    nodes.slice(input, half, half);
    int branch = branch(nodes, name + "branch2.", half, 1);
    nodes.concat(kept, branch);
  }

  /** All channels pass through both branches. */
  private static void strided(NodeList nodes, String name, int width) {
    int input = nodes.last();
    depthwise(nodes, name + "branch1.", 0, 2);
    int left = pointwise(nodes, name + "branch1.", 2, width);
    nodes.from(input);
    int right = branch(nodes, name + "branch2.", width, 2);
    nodes.concat(left, right);
  }

  private static int branch(NodeList nodes, String name, int width, int stride) {
    pointwise(nodes, name, 0, width);
    depthwise(nodes, name, 3, stride);
    return pointwise(nodes, name, 5, width);
  }

  private static int pointwise(NodeList nodes, String name, int layer, int width) {
    return nodes.conv(name + layer, name + (layer + 1), width, Geometry.of(1, 1), Activation.RELU);
  }

  private static void depthwise(NodeList nodes, String name, int layer, int stride) {
    int width = nodes.channels();
    Geometry geometry = Geometry.of(3, stride).withGroups(width);
    nodes.conv(name + layer, name + (layer + 1), width, geometry, Activation.NONE);
  }
}
