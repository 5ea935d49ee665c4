package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Small networks of random shape: a first convolution as residual networks have it, then plain
 * convolutions, basic blocks and bottlenecks in any order, of any number of channels.
 */
final class RandomNetworks {
  private final Random random;
  private final List<Node> nodes = new ArrayList<>();
  private int channels;

  private RandomNetworks(Random random) {
    this.random = random;
  }

  /** The network of a seed. */
  static Network of(long seed) {
    return new RandomNetworks(new Random(seed)).network(seed);
  }

  private Network network(long seed) {
    channels = width();
    nodes.add(new Node.Conv("conv1", "bn1", Node.PIXELS, 3, channels, 7, stride(), 3, true));
    if (random.nextBoolean()) {
      nodes.add(new Node.MaxPool(0, 3, 2, 1));
    }
    int blocks = 1 + random.nextInt(4);
    for (int i = 0; i < blocks; i++) {
      String name = "block%d".formatted(i);
      switch (random.nextInt(3)) {
        case 0 -> conv(name + ".plain", width(), 1 + 2 * random.nextInt(3), stride(), true);
        case 1 -> block(name, width(), 3, 3);
        default -> block(name, width(), 1, 3, 1);
      }
    }
    int classes = 1 + random.nextInt(9);
    nodes.add(new Node.GlobalAveragePool(nodes.size() - 1));
    nodes.add(new Node.Linear("fc", nodes.size() - 1, channels, classes));
    return new Network("random-" + seed, classes, nodes);
  }

  private void block(String name, int out, int... kernels) {
    int input = nodes.size() - 1;
    int in = channels;
    int stride = stride();
    int strided = random.nextInt(kernels.length);
    for (int i = 0; i < kernels.length; i++) {
      boolean last = i == kernels.length - 1;
      conv(name + "." + i, last ? out : width(), kernels[i], i == strided ? stride : 1, !last);
    }
    int branch = nodes.size() - 1;
    int shortcut = input;
    if (stride != 1 || in != out) {
      shortcut = nodes.size();
      nodes.add(
          new Node.Conv(
              name + ".shortcut", name + ".shortcut.bn", input, in, out, 1, stride, 0, false));
    }
    nodes.add(new Node.AddRelu(branch, shortcut));
  }

  private void conv(String name, int out, int kernel, int stride, boolean relu) {
    nodes.add(
        new Node.Conv(
            name, name + ".bn", nodes.size() - 1, channels, out, kernel, stride, kernel / 2, relu));
    channels = out;
  }

  /** Mostly no multiple of what vectors hold. */
  private int width() {
    return 8 + random.nextInt(40);
  }

  private int stride() {
    return 1 + random.nextInt(2);
  }
}
