package dev.octavo.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Szegedy et al., "Going Deeper with Convolutions" (2014), as torchvision builds it: with batch
 * norm, with 3×3 convolutions where the paper has 5×5, and without the auxiliary classifiers.
 */
final class GoogLeNet {
  private static final String ID = "googlenet";
  private static final double DROPOUT = 0.2;

  /**
   * A block of four branches.
   *
   * @param one channels of the 1×1 convolution
   * @param reduced channels of the 1×1 convolution before the 3×3 convolution
   * @param three channels of that
   * @param reducedToo as {@code reduced}, of the branch that has 5×5 in the paper
   * @param five as {@code three}
   * @param pooled channels of the 1×1 convolution after the pool
   * @param pool the window of a pool with stride 2 before the block, or 0
   */
  private record Block(
      String name,
      int one,
      int reduced,
      int three,
      int reducedToo,
      int five,
      int pooled,
      int pool) {}

  private static final List<Block> BLOCKS =
      List.of(
          new Block("inception3a", 64, 96, 128, 16, 32, 32, 3),
          new Block("inception3b", 128, 128, 192, 32, 96, 64, 0),
          new Block("inception4a", 192, 96, 208, 16, 48, 64, 3),
          new Block("inception4b", 160, 112, 224, 24, 64, 64, 0),
          new Block("inception4c", 128, 128, 256, 24, 64, 64, 0),
          new Block("inception4d", 112, 144, 288, 32, 64, 64, 0),
          new Block("inception4e", 256, 160, 320, 32, 128, 128, 0),
          new Block("inception5a", 256, 160, 320, 32, 128, 128, 2),
          new Block("inception5b", 384, 192, 384, 48, 128, 128, 0));

  /** The networks of this family. */
  static final List<Architecture> ALL = List.of(new Architecture(ID, stages(), GoogLeNet::network));

  private GoogLeNet() {}

  private static Map<String, List<String>> stages() {
    Map<String, List<String>> stages = new LinkedHashMap<>();
    stages.put("stem", List.of("conv1", "conv2", "conv3"));
    BLOCKS.forEach(block -> stages.put(block.name(), List.of(block.name())));
    return stages;
  }

  private static Network network(int classes) {
    NodeList nodes = new NodeList(name -> new BatchNorm(name, 1e-3, 0.1));
    nodes.basicConv("conv1", 64, Geometry.of(7, 2));
    pool(nodes, 3, 2, 0);
    nodes.basicConv("conv2", 64, Geometry.of(1, 1));
    nodes.basicConv("conv3", 192, Geometry.of(3, 1));
    for (Block block : BLOCKS) {
      if (block.pool() > 0) {
        pool(nodes, block.pool(), 2, 0);
      }
      block(nodes, block);
    }
    nodes.add(new Node.GlobalAveragePool(nodes.last()));
    nodes.add(new Node.Dropout(nodes.last(), DROPOUT));
    return nodes.network(ID, "fc", classes);
  }

  private static void block(NodeList nodes, Block block) {
    String name = block.name();
    int input = nodes.last();
    int first = nodes.basicConv(name + ".branch1", block.one(), Geometry.of(1, 1));
    nodes.from(input);
    nodes.basicConv(name + ".branch2.0", block.reduced(), Geometry.of(1, 1));
    int second = nodes.basicConv(name + ".branch2.1", block.three(), Geometry.of(3, 1));
    nodes.from(input);
    nodes.basicConv(name + ".branch3.0", block.reducedToo(), Geometry.of(1, 1));
    int third = nodes.basicConv(name + ".branch3.1", block.five(), Geometry.of(3, 1));
    nodes.from(input);
    pool(nodes, 3, 1, 1);
    int fourth = nodes.basicConv(name + ".branch4.1", block.pooled(), Geometry.of(1, 1));
    nodes.concat(first, second, third, fourth);
  }

  private static void pool(NodeList nodes, int kernel, int stride, int padding) {
    nodes.add(new Node.MaxPool(nodes.last(), kernel, stride, padding, Node.MaxPool.Rounding.CEIL));
  }
}
