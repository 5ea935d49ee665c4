package dev.octavo.network;

import java.util.ArrayList;
import java.util.List;

/** The nodes of a network in the making: each reads the one before it, unless told otherwise. */
final class NodeList {
  private final List<Node> nodes = new ArrayList<>();
  private int channels = 3;

  /** The index of the last node. */
  int last() {
    return nodes.size() - 1;
  }

  /** Channels of the last node's output. */
  int channels() {
    return channels;
  }

  /** Adds a node that keeps the number of channels; returns its index. */
  int add(Node node) {
    nodes.add(node);
    return last();
  }

  /** Adds a convolution that reads the last node; returns its index. */
  int conv(String name, String norm, int out, Geometry geometry, Activation activation) {
    return conv(name, norm, last(), channels, out, geometry, activation);
  }

  /** Adds a convolution; returns its index. */
  int conv(
      String name,
      String norm,
      int input,
      int in,
      int out,
      Geometry geometry,
      Activation activation) {
    nodes.add(new Node.Conv(name, BatchNorm.of(norm), input, in, out, geometry, activation));
    channels = out;
    return last();
  }

  /** The network, ended by a linear layer. */
  Network network(String id, String classifier, int classes) {
    nodes.add(new Node.Linear(classifier, last(), channels, classes));
    return new Network(id, classes, nodes);
  }
}
