package dev.octavo.program;

import dev.octavo.network.Geometry;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.NodeVisitor;
import java.util.ArrayList;
import java.util.List;

/** Networks as they are but for their width, which is divided: small enough for tests. */
public final class NarrowNetworks {
  private NarrowNetworks() {}

  /** The network with fewer channels and groups, as many in each group as before. */
  public static Network of(Network network, int divisor) {
    Narrower narrower = new Narrower(divisor, network.classifier());
    List<Node> nodes = new ArrayList<>();
    for (Node node : network.nodes()) {
      nodes.add(node.accept(nodes.size(), narrower));
    }
    return new Network(network.name(), network.classes(), nodes);
  }

  private record Narrower(int divisor, Node.Linear classifier) implements NodeVisitor<Node> {
    @Override
    public Node convolution(int index, Node.Conv c) {
      Geometry g = c.geometry();
      return new Node.Conv(
          c.name(),
          c.norm(),
          c.input(),
          c.input() == Node.PIXELS ? c.inChannels() : c.inChannels() / divisor,
          c.outChannels() / divisor,
          g.withGroups(Math.max(1, g.groups() / divisor)),
          c.activation());
    }

    @Override
    public Node maxPool(int index, Node.MaxPool p) {
      return p;
    }

    @Override
    public Node add(int index, Node.Add a) {
      return a;
    }

    @Override
    public Node averagePool(int index, Node.AveragePool p) {
      return p;
    }

    @Override
    public Node concat(int index, Node.Concat c) {
      return c;
    }

    @Override
    public Node channelSlice(int index, Node.ChannelSlice s) {
      return new Node.ChannelSlice(s.input(), s.from() / divisor, s.channels() / divisor);
    }

    @Override
    public Node channelShuffle(int index, Node.ChannelShuffle s) {
      return s;
    }

    @Override
    public Node squeezeExcitation(int index, Node.SqueezeExcitation s) {
      return new Node.SqueezeExcitation(
          s.name(),
          s.input(),
          s.channels() / divisor,
          Math.max(1, s.squeezed() / divisor),
          s.activation(),
          s.gate());
    }

    @Override
    public Node globalAveragePool(int index, Node.GlobalAveragePool p) {
      return p;
    }

    @Override
    public Node dropout(int index, Node.Dropout d) {
      return d;
    }

    @Override
    public Node linear(int index, Node.Linear l) {
      int out = l.equals(classifier) ? l.out() : l.out() / divisor;
      return new Node.Linear(l.name(), l.input(), l.in() / divisor, out, l.activation());
    }
  }
}
