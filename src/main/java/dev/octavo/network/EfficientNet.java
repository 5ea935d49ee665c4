package dev.octavo.network;

import dev.octavo.image.Interpolation;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (2019), as
 * torchvision builds them: B0, and larger ones that scale its widths and depths.
 */
final class EfficientNet {
  private static final int STEM_WIDTH = 32;
  private static final int HEAD_EXPANSION = 4;

  /** Of the last block's branch; others' are less in proportion to their depth. */
  private static final double STOCHASTIC_DEPTH = 0.2;

  /**
   * Blocks alike but for the first one's stride, before scaling.
   *
   * @param expansion how many times as wide a block is inside
   * @param kernel of the depthwise convolutions
   * @param stride of the first one
   * @param width channels out
   * @param blocks how many
   */
  private record Stage(int expansion, int kernel, int stride, int width, int blocks) {}

  private static final List<Stage> STAGES =
      List.of(
          new Stage(1, 3, 1, 16, 1),
          new Stage(6, 3, 2, 24, 2),
          new Stage(6, 5, 2, 40, 2),
          new Stage(6, 3, 2, 80, 3),
          new Stage(6, 5, 1, 112, 3),
          new Stage(6, 5, 2, 192, 4),
          new Stage(6, 3, 1, 320, 1));

  /**
   * Factors of widths and depths.
   *
   * @param dropout before the classifier
   */
  private record Scale(double width, double depth, double dropout) {
    int channels(int unscaled) {
      return Widths.divisible(unscaled * width);
    }

    int blocks(Stage stage) {
      return (int) Math.ceil(stage.blocks() * depth);
    }
  }

  /** All of them. */
  static final List<Architecture> ALL =
      List.of(
          architecture("efficientnet_b0", new Scale(1.0, 1.0, 0.2), 256, 224),
          architecture("efficientnet_b1", new Scale(1.0, 1.1, 0.2), 256, 240),
          architecture("efficientnet_b2", new Scale(1.1, 1.2, 0.3), 288, 288),
          architecture("efficientnet_b3", new Scale(1.2, 1.4, 0.3), 320, 300),
          architecture("efficientnet_b4", new Scale(1.4, 1.8, 0.4), 384, 380));

  private EfficientNet() {}

  private static Architecture architecture(String id, Scale scale, int resize, int crop) {
    Map<String, List<String>> stages = new LinkedHashMap<>();
    stages.put("stem", List.of("features.0"));
    for (int i = 1; i <= STAGES.size(); i++) {
      stages.put("stage" + i, List.of("features." + i));
    }
    stages.put("head", List.of("features." + (STAGES.size() + 1)));
    return new Architecture(
        id,
        stages,
        new Preprocessing(resize, crop, Interpolation.BICUBIC, Normalization.IMAGENET),
        classes -> network(id, scale, classes));
  }

  private static Network network(String id, Scale scale, int classes) {
    NodeList nodes = new NodeList();
    nodes.conv("features.0", scale.channels(STEM_WIDTH), Geometry.of(3, 2), Activation.SILU);
    int blocks = STAGES.stream().mapToInt(scale::blocks).sum();
    int before = 0;
    for (int i = 0; i < STAGES.size(); i++) {
      Stage stage = STAGES.get(i);
      for (int block = 0; block < scale.blocks(stage); block++) {
        String prefix = "features.%d.%d.block.".formatted(i + 1, block);
        int out = scale.channels(stage.width());
        Geometry depthwise = Geometry.of(stage.kernel(), block == 0 ? stage.stride() : 1);
        int inner = nodes.channels() * stage.expansion();
        block(nodes, prefix, inner, out, depthwise, STOCHASTIC_DEPTH * before++ / blocks);
      }
    }
    int head = nodes.channels() * HEAD_EXPANSION;
    nodes.conv("features." + (STAGES.size() + 1), head, Geometry.of(1, 1), Activation.SILU);
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    nodes.add(new Node.Dropout(nodes.last(), scale.dropout()));
    return nodes.network(id, "classifier.1", classes);
  }

  /** As in {@link MobileNetV3}, with other activations and a branch that training may leave out. */
  private static void block(
      NodeList nodes, String prefix, int inner, int out, Geometry depthwise, double dropped) {
    int input = nodes.last();
    int in = nodes.channels();
    int layer = 0;
    if (inner != in) {
      nodes.conv(prefix + layer++, inner, Geometry.of(1, 1), Activation.SILU);
    }
    nodes.conv(prefix + layer++, inner, depthwise.withGroups(inner), Activation.SILU);
    nodes.squeezeExcitation(prefix + layer++, in / 4, Activation.SILU, Gate.SIGMOID);
    nodes.conv(prefix + layer, out, Geometry.of(1, 1), Activation.NONE);
    if (depthwise.stride() == 1 && in == out) {
      nodes.add(new Node.Dropout(nodes.last(), dropped, Node.Dropout.Unit.IMAGE));
      nodes.add(new Node.Add(nodes.last(), input, Activation.NONE));
    }
  }
}
