package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.NodeVisitor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A network's operations after fusion, as every program for inference runs them: batch norm and
 * activation belong to their convolution, and a sum to the convolution that ends its branch, which
 * accumulates into the shortcut's memory. Dropout is gone.
 */
public final class FusedNetwork {
  private final Network network;
  private final List<Layer> layers;
  private final int[] sources;

  private FusedNetwork(Network network, List<Layer> layers) {
    this.network = network;
    this.layers = List.copyOf(layers);
    this.sources = IntStream.range(0, network.nodes().size()).toArray();
    for (Layer layer : layers) {
      if (layer.range() == Layer.Range.OF_INPUT || layer.range() == Layer.Range.SHARED) {
        sources[layer.output()] = source(layer.inputs().get(0));
        layer.inputs().forEach(input -> share(source(input), source(layer.output())));
      }
    }
  }

  private void share(int source, int with) {
    for (int i = 0; i < sources.length; i++) {
      if (sources[i] == source) {
        sources[i] = with;
      }
    }
  }

  /** Fuses a network. */
  public static FusedNetwork of(Network network) {
    return new FusedNetwork(network, new Fusion(network).layers());
  }

  /** The network that was fused. */
  public Network network() {
    return network;
  }

  /** The operations in execution order. */
  public List<Layer> layers() {
    return layers;
  }

  /** The convolutions in execution order. */
  public List<Layer.Convolution> convolutions() {
    return layers.stream()
        .filter(Layer.Convolution.class::isInstance)
        .map(Layer.Convolution.class::cast)
        .toList();
  }

  /** The layers whose output has a range of its own, in execution order. */
  public List<Layer> rangedLayers() {
    return layers.stream().filter(Layer::hasOwnRange).toList();
  }

  /** The last layer, which gives the logits. */
  Layer.Linear classifier() {
    return (Layer.Linear) layers.get(layers.size() - 1);
  }

  /**
   * The value whose range a value has: of a pool, what it pools; of what is joined, the first value
   * that is.
   */
  int source(int value) {
    return value == Node.PIXELS ? Node.PIXELS : sources[value];
  }

  /** Decides what is fused. */
  private static final class Fusion implements NodeVisitor<Integer> {
    private final Network network;
    private final List<Node> nodes;
    private final List<Layer> layers = new ArrayList<>();

    Fusion(Network network) {
      this.network = network;
      this.nodes = network.nodes();
    }

    List<Layer> layers() {
      for (int i = 0; i < nodes.size(); i++) {
        nodes.get(i).accept(i, this);
      }
      return layers;
    }

    private int value(int node) {
      return network.inInference(node);
    }

    @Override
    public Integer convolution(int index, Node.Conv c) {
      int sum = sumOfBranch(index);
      if (sum == index || !canFuse(sum, (Node.Add) nodes.get(sum))) {
        layers.add(new Layer.Convolution(c, index, value(c.input()), null, c.activation(), index));
      }
      return index;
    }

    @Override
    public Integer add(int index, Node.Add a) {
      int branch = value(a.branch());
      if (canFuse(index, a)) {
        Node.Conv conv = (Node.Conv) nodes.get(branch);
        layers.add(
            new Layer.Convolution(
                conv, branch, value(conv.input()), value(a.shortcut()), a.activation(), index));
      } else {
        layers.add(new Layer.Sum(branch, value(a.shortcut()), a.activation(), index));
      }
      return index;
    }

    @Override
    public Integer maxPool(int index, Node.MaxPool p) {
      layers.add(new Layer.MaxPool(p, value(p.input()), index));
      return index;
    }

    @Override
    public Integer averagePool(int index, Node.AveragePool p) {
      layers.add(new Layer.AveragePool(p, value(p.input()), index));
      return index;
    }

    @Override
    public Integer concat(int index, Node.Concat c) {
      layers.add(new Layer.Concat(c.inputs().stream().map(this::value).toList(), index));
      return index;
    }

    @Override
    public Integer channelSlice(int index, Node.ChannelSlice s) {
      layers.add(new Layer.ChannelSlice(s, value(s.input()), index));
      return index;
    }

    @Override
    public Integer channelShuffle(int index, Node.ChannelShuffle s) {
      layers.add(new Layer.ChannelShuffle(s, network.channels(s.input()), value(s.input()), index));
      return index;
    }

    @Override
    public Integer squeezeExcitation(int index, Node.SqueezeExcitation s) {
      layers.add(new Layer.SqueezeExcitation(s, value(s.input()), index));
      return index;
    }

    @Override
    public Integer globalAveragePool(int index, Node.GlobalAveragePool p) {
      layers.add(new Layer.GlobalAveragePool(value(p.input()), index));
      return index;
    }

    @Override
    public Integer dropout(int index, Node.Dropout d) {
      return value(d.input());
    }

    @Override
    public Integer linear(int index, Node.Linear l) {
      layers.add(new Layer.Linear(l, value(l.input()), index));
      return index;
    }

    /**
     * Returns whether the convolution that ends the branch can compute the sum in the shortcut's
     * memory: nobody else wants the branch, nobody reads the shortcut afterwards or at the same
     * time, and its memory is that of no other value.
     */
    private boolean canFuse(int index, Node.Add a) {
      int shortcut = value(a.shortcut());
      int branch = value(a.branch());
      return sumOfBranch(branch) == index
          && (a.activation() == Activation.NONE || a.activation() == Activation.RELU)
          && shortcut != Node.PIXELS
          && !(nodes.get(shortcut) instanceof Node.ChannelSlice)
          && readers(shortcut).noneMatch(r -> nodes.get(r) instanceof Node.ChannelSlice)
          && shortcut != value(((Node.Conv) nodes.get(branch)).input())
          && readers(shortcut).allMatch(reader -> Math.max(reader, sumOfBranch(reader)) <= index);
    }

    /** The sum that alone reads a convolution without activation, as its branch; else the node. */
    private int sumOfBranch(int index) {
      if (index != Node.PIXELS
          && nodes.get(index) instanceof Node.Conv c
          && c.activation() == Activation.NONE) {
        int[] readers = readers(index).toArray();
        if (readers.length == 1
            && nodes.get(readers[0]) instanceof Node.Add a
            && value(a.branch()) == index
            && value(a.shortcut()) != index) {
          return readers[0];
        }
      }
      return index;
    }

    private IntStream readers(int value) {
      return IntStream.range(0, nodes.size())
          .filter(i -> !(nodes.get(i) instanceof Node.Dropout))
          .filter(i -> nodes.get(i).inputs().stream().anyMatch(input -> value(input) == value));
    }
  }
}
