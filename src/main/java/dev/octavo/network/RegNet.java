package dev.octavo.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Radosavovic et al., "Designing Network Design Spaces" (2020), as torchvision builds them:
 * RegNetX, and RegNetY, which has squeeze-and-excitation blocks. Depths and widths of the stages
 * are what the paper's rule (equations 2 to 4) makes of a network's four numbers.
 */
final class RegNet {
  private static final int STEM_WIDTH = 32;

  /**
   * The stages of a network.
   *
   * @param depths blocks of each
   * @param widths channels of each
   * @param groupWidth channels of a group of the 3×3 convolutions, or all where there are fewer
   * @param kind of its blocks
   */
  private record Stages(int[] depths, int[] widths, int groupWidth, Kind kind) {}

  private enum Kind {
    X,
    /** With squeeze-and-excitation to a quarter of the channels that a block reads. */
    Y
  }

  /** All of them. */
  static final List<Architecture> ALL =
      List.of(
          x("400mf", 16, depths(1, 2, 7, 12), widths(32, 64, 160, 400)),
          x("800mf", 16, depths(1, 3, 7, 5), widths(64, 128, 288, 672)),
          x("1_6gf", 24, depths(2, 4, 10, 2), widths(72, 168, 408, 912)),
          x("3_2gf", 48, depths(2, 6, 15, 2), widths(96, 192, 432, 1008)),
          x("8gf", 120, depths(2, 5, 15, 1), widths(80, 240, 720, 1920)),
          y("400mf", 8, depths(1, 3, 6, 6), widths(48, 104, 208, 440)),
          y("800mf", 16, depths(1, 3, 8, 2), widths(64, 144, 320, 784)),
          y("1_6gf", 24, depths(2, 6, 17, 2), widths(48, 120, 336, 888)),
          y("3_2gf", 24, depths(2, 5, 13, 1), widths(72, 216, 576, 1512)),
          y("8gf", 56, depths(2, 4, 10, 1), widths(224, 448, 896, 2016)));

  private RegNet() {}

  private static int[] depths(int... depths) {
    return depths;
  }

  private static int[] widths(int... widths) {
    return widths;
  }

  private static Architecture x(String size, int groupWidth, int[] depths, int[] widths) {
    return architecture("regnet_x_" + size, new Stages(depths, widths, groupWidth, Kind.X));
  }

  private static Architecture y(String size, int groupWidth, int[] depths, int[] widths) {
    return architecture("regnet_y_" + size, new Stages(depths, widths, groupWidth, Kind.Y));
  }

  private static Architecture architecture(String id, Stages stages) {
    Map<String, List<String>> parts = new LinkedHashMap<>();
    parts.put("stem", List.of("stem"));
    for (int stage = 1; stage <= stages.depths().length; stage++) {
      parts.put("block" + stage, List.of("trunk_output.block" + stage));
    }
    return new Architecture(id, parts, classes -> network(id, stages, classes));
  }

  private static Network network(String id, Stages stages, int classes) {
    NodeList nodes = new NodeList();
    nodes.conv("stem", STEM_WIDTH, Geometry.of(3, 2), Activation.RELU);
    for (int stage = 0; stage < stages.depths().length; stage++) {
      for (int block = 0; block < stages.depths()[stage]; block++) {
        String name = "trunk_output.block%1$d.block%1$d-%2$d".formatted(stage + 1, block);
        block(nodes, name, stages, stages.widths()[stage], block == 0 ? 2 : 1);
      }
    }
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    return nodes.network(id, "fc", classes);
  }

  private static void block(NodeList nodes, String name, Stages stages, int width, int stride) {
    int input = nodes.last();
    int in = nodes.channels();
    int shortcut =
        stride == 1 && in == width
            ? input
            : nodes.conv(name + ".proj", width, Geometry.of(1, stride), Activation.NONE);
    int groups = width / Math.min(stages.groupWidth(), width);
    nodes.from(input);
    nodes.conv(name + ".f.a", width, Geometry.of(1, 1), Activation.RELU);
    nodes.conv(name + ".f.b", width, Geometry.of(3, stride).withGroups(groups), Activation.RELU);
    if (stages.kind() == Kind.Y) {
      int squeezed = (int) Math.rint(in / 4.0);
      nodes.squeezeExcitation(name + ".f.se", squeezed, Activation.RELU, Gate.SIGMOID);
    }
    nodes.conv(name + ".f.c", width, Geometry.of(1, 1), Activation.NONE);
    nodes.add(new Node.Add(nodes.last(), shortcut, Activation.RELU));
  }
}
