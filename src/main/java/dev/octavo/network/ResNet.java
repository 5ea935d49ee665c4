package dev.octavo.network;

import dev.octavo.OctavoException;
import java.util.ArrayList;
import java.util.List;

/**
 * The residual networks of He et al., "Deep Residual Learning for Image Recognition" (2015), as
 * torchvision builds them: v1.5, with a bottleneck's stride on its 3×3 convolution.
 */
public enum ResNet {
  /** 18 layers, basic blocks. */
  RESNET18(Block.BASIC, 2, 2, 2, 2),
  /** 34 layers, basic blocks. */
  RESNET34(Block.BASIC, 3, 4, 6, 3),
  /** 50 layers, bottlenecks. */
  RESNET50(Block.BOTTLENECK, 3, 4, 6, 3),
  /** 101 layers, bottlenecks. */
  RESNET101(Block.BOTTLENECK, 3, 4, 23, 3),
  /** 152 layers, bottlenecks. */
  RESNET152(Block.BOTTLENECK, 3, 8, 36, 3);

  private enum Block {
    BASIC(1),
    BOTTLENECK(4);

    private final int expansion;

    Block(int expansion) {
      this.expansion = expansion;
    }
  }

  private final Block block;

  @SuppressWarnings("ImmutableEnumChecker") // never written to, never handed out
  private final int[] depths;

  ResNet(Block block, int... depths) {
    this.block = block;
    this.depths = depths;
  }

  /** The network's name on the command line and in manifests, as in {@code resnet50}. */
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * The network of that name.
   *
   * @throws OctavoException.Usage if there is none
   */
  public static ResNet of(String id) {
    for (ResNet net : values()) {
      if (net.id().equals(id)) {
        return net;
      }
    }
    throw new OctavoException.Usage(
        "unknown network '%s': choose one of %s"
            .formatted(
                id, String.join(", ", java.util.Arrays.stream(values()).map(ResNet::id).toList())));
  }

  /** The network with that many classes. */
  public Network network(int classes) {
    List<Node> nodes = new ArrayList<>();
    nodes.add(new Node.Conv("conv1", "bn1", Node.PIXELS, 3, 64, 7, 2, 3, true));
    nodes.add(new Node.MaxPool(0, 3, 2, 1));
    int channels = 64;
    for (int stage = 0; stage < depths.length; stage++) {
      int width = 64 << stage;
      for (int i = 0; i < depths[stage]; i++) {
        int stride = stage > 0 && i == 0 ? 2 : 1;
        channels = addBlock(nodes, "layer%d.%d".formatted(stage + 1, i), channels, width, stride);
      }
    }
    nodes.add(new Node.GlobalAveragePool(nodes.size() - 1));
    nodes.add(new Node.Linear("fc", nodes.size() - 1, channels, classes));
    return new Network(id(), classes, nodes);
  }

  private int addBlock(List<Node> nodes, String prefix, int in, int width, int stride) {
    int out = width * block.expansion;
    int input = nodes.size() - 1;
    if (block == Block.BASIC) {
      conv(nodes, prefix, 1, input, in, width, 3, stride, true);
      conv(nodes, prefix, 2, nodes.size() - 1, width, width, 3, 1, false);
    } else {
      conv(nodes, prefix, 1, input, in, width, 1, 1, true);
      conv(nodes, prefix, 2, nodes.size() - 1, width, width, 3, stride, true);
      conv(nodes, prefix, 3, nodes.size() - 1, width, out, 1, 1, false);
    }
    int branch = nodes.size() - 1;
    int shortcut = input;
    if (stride != 1 || in != out) {
      shortcut = nodes.size();
      nodes.add(
          new Node.Conv(
              prefix + ".downsample.0",
              prefix + ".downsample.1",
              input,
              in,
              out,
              1,
              stride,
              0,
              false));
    }
    nodes.add(new Node.AddRelu(branch, shortcut));
    return out;
  }

  private static void conv(
      List<Node> nodes,
      String prefix,
      int i,
      int input,
      int in,
      int out,
      int kernel,
      int stride,
      boolean relu) {
    nodes.add(
        new Node.Conv(
            "%s.conv%d".formatted(prefix, i),
            "%s.bn%d".formatted(prefix, i),
            input,
            in,
            out,
            kernel,
            stride,
            kernel / 2,
            relu));
  }
}
