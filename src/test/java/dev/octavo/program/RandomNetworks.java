package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.BatchNorm;
import dev.octavo.network.Gate;
import dev.octavo.network.Geometry;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Small networks of random shape: a first convolution, then plain convolutions, basic blocks,
 * bottlenecks, inverted residuals with or without squeeze-and-excitation, and branches whose
 * outputs are joined, in any order, of any number of channels, groups, taps and activations.
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
    int kernel = 1 + 2 * random.nextInt(4);
    Geometry first = new Geometry(kernel, stride(), random.nextInt(kernel / 2 + 2), 1, 1);
    channels = 3;
    conv("conv1", width(), first, activation());
    if (random.nextBoolean()) {
      Node.MaxPool.Rounding rounding = anyOf(Node.MaxPool.Rounding.values());
      nodes.add(new Node.MaxPool(0, 2 + random.nextInt(2), 2, random.nextInt(2), rounding));
    }
    int blocks = 1 + random.nextInt(4);
    for (int i = 0; i < blocks; i++) {
      String name = "block%d".formatted(i);
      switch (random.nextInt(7)) {
        case 0 -> conv(name + ".plain", width(), geometry(1 + 2 * random.nextInt(3)), activation());
        case 1 -> block(name, width(), 3, 3);
        case 2 -> block(name, width(), 1, 3, 1);
        case 3 -> invertedResidual(name);
        case 4 -> joined(name);
        case 5 -> halves(name);
        default -> sumWithAnActivatedBranch(name);
      }
    }
    int classes = 1 + random.nextInt(9);
    nodes.add(new Node.GlobalAveragePool(nodes.size() - 1));
    if (random.nextInt(4) == 0) {
      int features = width();
      nodes.add(new Node.Linear("hidden", nodes.size() - 1, channels, features, activation()));
      channels = features;
    }
    if (random.nextBoolean()) {
      nodes.add(new Node.Dropout(nodes.size() - 1, 0.3));
    }
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
      conv(
          name + "." + i,
          last ? out : width(),
          Geometry.of(kernels[i], i == strided ? stride : 1),
          last ? Activation.NONE : activation());
    }
    int branch = nodes.size() - 1;
    int shortcut = input;
    if (stride != 1 || in != out) {
      shortcut = nodes.size();
      conv(name + ".shortcut", input, in, out, Geometry.of(1, stride), Activation.NONE);
    }
    nodes.add(new Node.Add(branch, shortcut, activation()));
  }

  /** As in MobileNets: wide, depthwise, narrow, without an activation at the end. */
  private void invertedResidual(String name) {
    int input = nodes.size() - 1;
    int in = channels;
    int wide = width();
    int stride = stride();
    Activation activation = activation();
    conv(name + ".expand", wide, Geometry.of(1, 1), activation);
    conv(name + ".depthwise", wide, Geometry.of(3, stride).withGroups(wide), activation);
    if (random.nextBoolean()) {
      excitation(name + ".se");
    }
    conv(name + ".project", stride == 1 ? in : width(), Geometry.of(1, 1), Activation.NONE);
    if (stride == 1) {
      if (random.nextBoolean()) {
        nodes.add(new Node.Dropout(nodes.size() - 1, 0.2, Node.Dropout.Unit.IMAGE));
      }
      nodes.add(new Node.Add(nodes.size() - 1, input, Activation.NONE));
    }
  }

  /** As in Inception: branches of different depths over the same input. */
  private void joined(String name) {
    int input = nodes.size() - 1;
    int in = channels;
    int stride = stride();
    List<Integer> branches = new ArrayList<>();
    int width = 0;
    for (int i = 0; i < 2 + random.nextInt(2); i++) {
      int out = width();
      conv(name + ".a" + i, input, in, out, Geometry.of(1, 1), activation());
      if (random.nextBoolean()) {
        conv(name + ".row" + i, out, Geometry.rectangular(1, 5), activation());
        conv(name + ".column" + i, out, Geometry.rectangular(5, 1), activation());
      }
      conv(name + ".b" + i, out, Geometry.of(3, stride), activation());
      branches.add(nodes.size() - 1);
      width += out;
    }
    if (random.nextBoolean()) {
      branches.add(nodes.size());
      nodes.add(
          random.nextBoolean()
              ? new Node.MaxPool(input, 3, stride, 1)
              : new Node.AveragePool(input, 3, stride, 1));
      width += in;
    }
    nodes.add(new Node.Concat(branches));
    channels = width;
  }

  /** As in ShuffleNet: a half of the channels passes by; or a sum over a half. */
  private void halves(String name) {
    int input = nodes.size() - 1;
    int half = channels / 8 * 4; // CHANNELS_AT_ONCE of OnednnInt8Source divides it
    nodes.add(new Node.ChannelSlice(input, 0, half));
    nodes.add(new Node.ChannelSlice(input, half, half));
    conv(name + ".a", input + 2, half, half, Geometry.of(3, 1), activation());
    conv(name + ".b", half, Geometry.of(1, 1), Activation.NONE);
    if (random.nextBoolean()) {
      nodes.add(new Node.Add(nodes.size() - 1, input + 2, activation()));
    }
    nodes.add(new Node.Concat(List.of(input + 1, nodes.size() - 1)));
    channels = 2 * half;
    nodes.add(new Node.ChannelShuffle(nodes.size() - 1, 2));
  }

  private void excitation(String name) {
    Gate gate = anyOf(Gate.values());
    int squeezed = 1 + random.nextInt(12);
    nodes.add(
        new Node.SqueezeExcitation(name, nodes.size() - 1, channels, squeezed, activation(), gate));
  }

  /** No convolution can take this sum over. */
  private void sumWithAnActivatedBranch(String name) {
    int input = nodes.size() - 1;
    conv(name + ".branch", channels, Geometry.of(3, 1), Activation.RELU);
    nodes.add(new Node.Add(nodes.size() - 1, input, activation()));
  }

  private void conv(String name, int out, Geometry geometry, Activation activation) {
    conv(name, nodes.size() - 1, channels, out, geometry, activation);
  }

  private void conv(
      String name, int input, int in, int out, Geometry geometry, Activation activation) {
    nodes.add(
        new Node.Conv(name, BatchNorm.of(name + ".bn"), input, in, out, geometry, activation));
    channels = out;
  }

  /** Of any stride, dilation and number of groups. */
  private Geometry geometry(int kernel) {
    int dilation = 1 + random.nextInt(2);
    int groups = random.nextInt(3) == 0 && channels % 4 == 0 ? 4 : 1;
    return new Geometry(kernel, stride(), dilation * (kernel / 2), dilation, groups);
  }

  private Activation activation() {
    return anyOf(Activation.values());
  }

  private <E> E anyOf(E[] values) {
    return List.of(values).get(random.nextInt(values.length));
  }

  /** A multiple of 4, mostly no multiple of what vectors hold. */
  private int width() {
    return 8 + 4 * random.nextInt(10);
  }

  private int stride() {
    return 1 + random.nextInt(2);
  }
}
