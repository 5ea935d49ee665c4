package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.BatchNorm;
import dev.octavo.network.Gate;
import dev.octavo.network.Geometry;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import java.util.List;

/**
 * A small network of every kind of node and activation: the class {@code AllKinds} of {@code
 * make_golden.py}.
 */
public final class AllKinds {
  private AllKinds() {}

  /** The network. */
  public static Network network(int classes) {
    return new Network(
        "all_kinds",
        classes,
        List.of(
            conv(1, Node.PIXELS, 3, 12, new Geometry(5, 2, 1, 1, 1), Activation.RELU6),
            new Node.MaxPool(0, 3, 2, 1),
            conv(2, 1, 12, 24, new Geometry(3, 1, 2, 2, 4), Activation.HARDSWISH),
            conv(3, 2, 24, 24, Geometry.of(3, 1).withGroups(24), Activation.SILU),
            new Node.SqueezeExcitation("se1", 3, 24, 6, Activation.SILU, Gate.SIGMOID),
            conv(4, 4, 24, 24, Geometry.of(1, 1), Activation.RELU),
            new Node.Add(5, 2, Activation.NONE),
            conv(5, 6, 24, 16, Geometry.of(3, 2), Activation.RELU6),
            new Node.SqueezeExcitation("se2", 7, 16, 4, Activation.RELU, Gate.HARDSIGMOID),
            conv(6, 8, 16, 24, Geometry.of(1, 1), Activation.NONE),
            new Node.Dropout(9, 0.2, Node.Dropout.Unit.IMAGE),
            conv(7, 6, 24, 24, Geometry.of(1, 2), Activation.NONE),
            new Node.Add(10, 11, Activation.RELU),
            new Node.ChannelSlice(12, 16, 8),
            conv(8, 13, 8, 12, Geometry.of(3, 1), Activation.RELU),
            new Node.Concat(List.of(12, 14)),
            new Node.ChannelShuffle(15, 3),
            new Node.AveragePool(16, 3, 1, 1),
            conv(9, 17, 36, 16, Geometry.rectangular(1, 5), Activation.RELU),
            new Node.MaxPool(18, 2, 2, 0, Node.MaxPool.Rounding.CEIL),
            new Node.GlobalAveragePool(19),
            new Node.Linear("fc1", 20, 16, 20, Activation.HARDSWISH),
            new Node.Dropout(21, 0.3),
            new Node.Linear("fc2", 22, 20, classes)));
  }

  private static Node conv(
      int number, int input, int in, int out, Geometry geometry, Activation activation) {
    return new Node.Conv(
        "conv" + number, BatchNorm.of("bn" + number), input, in, out, geometry, activation);
  }
}
