package dev.octavo.network;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The nodes of a network in the making: each reads the one before it, unless told otherwise. */
final class NodeList {
  private final List<Node> nodes = new ArrayList<>();
  private final List<Integer> widths = new ArrayList<>();
  private final Function<String, BatchNorm> norms;
  private int last = Node.PIXELS;

  /** With PyTorch's defaults for batch norm. */
  NodeList() {
    this(BatchNorm::of);
  }

  /** With batch norms that are made from their names. */
  NodeList(Function<String, BatchNorm> norms) {
    this.norms = norms;
  }

  /** The index of the node that the next one reads: the last, unless {@link #from} went back. */
  int last() {
    return last;
  }

  /** Channels of its output. */
  int channels() {
    return width(last);
  }

  private int width(int node) {
    return node == Node.PIXELS ? Network.RGB : widths.get(node);
  }

  /** Goes back to an earlier node, which the next one is to read. */
  void from(int node) {
    last = node;
  }

  /** Adds a node that keeps the number of channels; returns its index. */
  int add(Node node) {
    return add(node, channels());
  }

  /** Adds a node with that many channels; returns its index. */
  int add(Node node, int width) {
    nodes.add(node);
    widths.add(width);
    last = nodes.size() - 1;
    return last;
  }

  /**
   * Adds a convolution that reads the last node, under the names of torchvision's {@code
   * Conv2dNormActivation}; returns its index.
   */
  int conv(String module, int out, Geometry geometry, Activation activation) {
    return conv(module + ".0", module + ".1", out, geometry, activation);
  }

  /**
   * Adds a convolution with ReLU that reads the last node, under the names of torchvision's {@code
   * BasicConv2d}; returns its index.
   */
  int basicConv(String module, int out, Geometry geometry) {
    return conv(module + ".conv", module + ".bn", out, geometry, Activation.RELU);
  }

  /** Adds a convolution that reads the last node; returns its index. */
  int conv(String name, String norm, int out, Geometry geometry, Activation activation) {
    return add(
        new Node.Conv(name, norms.apply(norm), last, channels(), out, geometry, activation), out);
  }

  /** Adds a squeeze-and-excitation block that reads the last node; returns its index. */
  int squeezeExcitation(String name, int squeezed, Activation activation, Gate gate) {
    return add(new Node.SqueezeExcitation(name, last, channels(), squeezed, activation, gate));
  }

  /** Adds a slice of a node's channels; returns its index. */
  int slice(int input, int from, int width) {
    return add(new Node.ChannelSlice(input, from, width), width);
  }

  /** Adds the channels of several nodes one after the other; returns its index. */
  int concat(Integer... inputs) {
    return add(new Node.Concat(List.of(inputs)), Stream.of(inputs).mapToInt(this::width).sum());
  }

  /** Adds a linear layer that reads the last node; returns its index. */
  int linear(String name, int out, Activation activation) {
    return add(new Node.Linear(name, last, channels(), out, activation), out);
  }

  /** The network, ended by a linear layer. */
  Network network(String id, String classifier, int classes) {
    linear(classifier, classes, Activation.NONE);
    return new Network(id, classes, nodes);
  }
}
