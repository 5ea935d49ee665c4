package dev.octavo.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A network as data.
 *
 * @param name as in {@code resnet50}
 * @param classes number of logits
 * @param nodes the operations in execution order; the last, a linear layer, gives the logits
 */
public record Network(String name, int classes, List<Node> nodes) {
  /** Channels of the pixels. */
  static final int RGB = 3;

  /** Copies the list and checks that each node reads what an earlier one gives. */
  public Network {
    Objects.requireNonNull(name, "name");
    nodes = List.copyOf(nodes);
    if (!(nodes.get(nodes.size() - 1) instanceof Node.Linear l)
        || l.activation() != Activation.NONE) {
      throw new IllegalArgumentException(
          name + " must end with a linear layer, without an activation");
    }
    channels(nodes);
  }

  /** Channels of a node's output. */
  public int channels(int node) {
    return node == Node.PIXELS ? RGB : channels(nodes)[node];
  }

  private static int[] channels(List<Node> nodes) {
    int[] channels = new int[nodes.size()];
    NodeVisitor<Integer> visitor = new ChannelCounts(channels);
    for (int i = 0; i < channels.length; i++) {
      channels[i] = nodes.get(i).accept(i, visitor);
    }
    return channels;
  }

  /** Height and width of each node's output for square images; 1 after a global pool. */
  public int[] spatialSizes(int imageSize) {
    int[] sizes = new int[nodes.size()];
    NodeVisitor<Integer> visitor = new SpatialSizes(sizes, imageSize);
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = nodes.get(i).accept(i, visitor);
    }
    return sizes;
  }

  /** The convolutions in execution order. */
  public List<Node.Conv> convolutions() {
    return nodes.stream().filter(Node.Conv.class::isInstance).map(Node.Conv.class::cast).toList();
  }

  /** The affine maps in execution order, that of the classifier last. */
  public List<Affine> affines() {
    return nodes.stream().flatMap(node -> node.affines().stream()).toList();
  }

  /** The node whose output a node's is in inference: dropout's is that of its input. */
  public int inInference(int node) {
    return node != Node.PIXELS && nodes.get(node) instanceof Node.Dropout d
        ? inInference(d.input())
        : node;
  }

  /**
   * The parameters (what training changes) by torchvision name, in torchvision's order: shapes as
   * PyTorch has them, convolutions {@code [out, in / groups, kernel, kernel]}.
   */
  public Map<String, long[]> parameterShapes() {
    State state = state();
    state.all().keySet().removeAll(state.buffers().keySet());
    return state.all();
  }

  /**
   * The buffers (running statistics of batch norm) by torchvision name; a scalar has an empty
   * shape.
   */
  public Map<String, long[]> bufferShapes() {
    return state().buffers();
  }

  /** Parameters and buffers together in the order of torchvision's {@code state_dict()}. */
  public Map<String, long[]> stateShapes() {
    return state().all();
  }

  private State state() {
    State state = new State(new LinkedHashMap<>(), new LinkedHashMap<>());
    for (int i = 0; i < nodes.size(); i++) {
      nodes.get(i).accept(i, state);
    }
    return state;
  }

  /** Collects shapes by name. */
  private record State(Map<String, long[]> all, Map<String, long[]> buffers)
      implements NodeVisitor<Void> {
    private void buffer(String name, long... shape) {
      all.put(name, shape);
      buffers.put(name, shape);
    }

    @Override
    public Void convolution(int index, Node.Conv c) {
      String norm = c.norm().name();
      all.put(c.name() + ".weight", c.weightShape());
      all.put(norm + ".weight", new long[] {c.outChannels()});
      all.put(norm + ".bias", new long[] {c.outChannels()});
      buffer(norm + ".running_mean", c.outChannels());
      buffer(norm + ".running_var", c.outChannels());
      buffer(norm + ".num_batches_tracked");
      return null;
    }

    @Override
    public Void maxPool(int index, Node.MaxPool p) {
      return null;
    }

    @Override
    public Void add(int index, Node.Add a) {
      return null;
    }

    @Override
    public Void averagePool(int index, Node.AveragePool p) {
      return null;
    }

    @Override
    public Void concat(int index, Node.Concat c) {
      return null;
    }

    @Override
    public Void channelSlice(int index, Node.ChannelSlice s) {
      return null;
    }

    @Override
    public Void channelShuffle(int index, Node.ChannelShuffle s) {
      return null;
    }

    @Override
    public Void squeezeExcitation(int index, Node.SqueezeExcitation s) {
      s.affines().forEach(this::affine);
      return null;
    }

    @Override
    public Void globalAveragePool(int index, Node.GlobalAveragePool p) {
      return null;
    }

    @Override
    public Void dropout(int index, Node.Dropout d) {
      return null;
    }

    @Override
    public Void linear(int index, Node.Linear l) {
      affine(l.affine());
      return null;
    }

    private void affine(Affine a) {
      all.put(a.name() + ".weight", a.weightShape());
      all.put(a.name() + ".bias", new long[] {a.out()});
    }
  }

  /** Returns whether training sets anything to zero at random. */
  public boolean hasDropout() {
    return nodes.stream().anyMatch(Node.Dropout.class::isInstance);
  }

  /** The highest probability that something is set to zero with; 0 without dropout. */
  public double highestDropout() {
    return nodes.stream()
        .filter(Node.Dropout.class::isInstance)
        .mapToDouble(node -> ((Node.Dropout) node).probability())
        .max()
        .orElse(0);
  }

  /** The same network with other probabilities of dropout and stochastic depth, by a factor. */
  public Network scalingDropout(double factor) {
    return new Network(
        name,
        classes,
        nodes.stream()
            .map(
                node ->
                    node instanceof Node.Dropout d
                        ? new Node.Dropout(d.input(), factor * d.probability(), d.unit())
                        : node)
            .toList());
  }

  /** The last node, which gives the logits. */
  public Node.Linear classifier() {
    return (Node.Linear) nodes.get(nodes.size() - 1);
  }
}
