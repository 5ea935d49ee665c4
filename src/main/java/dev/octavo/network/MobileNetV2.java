package dev.octavo.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018), as torchvision
 * builds it.
 */
final class MobileNetV2 {
  private static final String ID = "mobilenet_v2";
  private static final int STEM_WIDTH = 32;
  private static final int HEAD_WIDTH = 1280;
  private static final double DROPOUT = 0.2;

  /**
   * Blocks alike but for the first one's stride.
   *
   * @param expansion how many times as wide a block is inside
   * @param width channels out
   * @param blocks how many
   * @param stride of the first one
   */
  private record Stage(int expansion, int width, int blocks, int stride) {}

  private static final List<Stage> STAGES =
      List.of(
          new Stage(1, 16, 1, 1),
          new Stage(6, 24, 2, 2),
          new Stage(6, 32, 3, 2),
          new Stage(6, 64, 4, 2),
          new Stage(6, 96, 3, 1),
          new Stage(6, 160, 3, 2),
          new Stage(6, 320, 1, 1));

  /** The networks of this family. */
  static final List<Architecture> ALL =
      List.of(new Architecture(ID, stages(), MobileNetV2::network));

  private MobileNetV2() {}

  private static Map<String, List<String>> stages() {
    Map<String, List<String>> stages = new LinkedHashMap<>();
    int features = 0;
    stages.put("stem", List.of(feature(features++)));
    for (int i = 0; i < STAGES.size(); i++) {
      String[] modules = new String[STAGES.get(i).blocks()];
      for (int block = 0; block < modules.length; block++) {
        modules[block] = feature(features++);
      }
      stages.put("stage" + (i + 1), List.of(modules));
    }
    stages.put("head", List.of(feature(features)));
    return stages;
  }

  private static String feature(int i) {
    return "features." + i;
  }

  private static Network network(int classes) {
    NodeList nodes = new NodeList();
    int features = 0;
    conv(nodes, feature(features++), STEM_WIDTH, Geometry.of(3, 2));
    for (Stage stage : STAGES) {
      for (int block = 0; block < stage.blocks(); block++) {
        int stride = block == 0 ? stage.stride() : 1;
        invertedResidual(nodes, feature(features++) + ".conv", stage, stride);
      }
    }
    conv(nodes, feature(features), HEAD_WIDTH, Geometry.of(1, 1));
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    nodes.add(new Node.Dropout(nodes.last(), DROPOUT));
    return nodes.network(ID, "classifier.1", classes);
  }

  private static void invertedResidual(NodeList nodes, String prefix, Stage stage, int stride) {
    int input = nodes.last();
    int in = nodes.channels();
    int inner = in * stage.expansion();
    int layer = 0;
    if (stage.expansion() != 1) {
      conv(nodes, prefix + "." + layer++, inner, Geometry.of(1, 1));
    }
    conv(nodes, prefix + "." + layer++, inner, Geometry.of(3, stride).withGroups(inner));
    nodes.conv(
        prefix + "." + layer++,
        prefix + "." + layer,
        stage.width(),
        Geometry.of(1, 1),
        Activation.NONE);
    if (stride == 1 && in == stage.width()) {
      nodes.add(new Node.Add(nodes.last(), input, Activation.NONE));
    }
  }

  private static void conv(NodeList nodes, String module, int out, Geometry geometry) {
    nodes.conv(module, out, geometry, Activation.RELU6);
  }
}
