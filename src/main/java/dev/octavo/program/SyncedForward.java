package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Network;
import dev.octavo.network.Node;
import dev.octavo.network.NodeVisitor;
import dev.octavo.torchscript.SegmentedMethod;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The forward half of {@link SyncedSource}: computes the nodes' outputs, one after the other. */
final class SyncedForward implements NodeVisitor<Void> {
  private final FlatLayout layout;
  private final SegmentedMethod pieces;
  private final SyncedBatchNorm norms;
  private final EagerSource eager;
  private final Network network;
  private final Set<Integer> differentiable = new HashSet<>();

  SyncedForward(
      Network network,
      FlatLayout layout,
      SegmentedMethod pieces,
      SyncedBatchNorm norms,
      Precision precision) {
    this.network = network;
    this.layout = layout;
    this.pieces = pieces;
    this.norms = norms;
    this.eager = new EagerSource((node, conv) -> "False", DropoutSource.BY_SEED, precision);
  }

  /** Adds the lines from {@code pixels} to the last node's output. */
  void emit() {
    List<Node> nodes = network.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).inputs().stream().anyMatch(differentiable::contains)) {
        differentiable.add(i);
      }
      nodes.get(i).accept(i, this);
    }
  }

  /** Returns whether a node's output depends on parameters that are trained. */
  boolean isDifferentiable(int node) {
    return differentiable.contains(node);
  }

  private Void let(int index, String expression) {
    pieces.let(EagerSource.value(index), expression);
    return null;
  }

  @Override
  public Void convolution(int index, Node.Conv c) {
    if (layout.trains(c)) {
      differentiable.add(index);
    }
    String x =
        pieces.let("x" + index, EagerSource.conv2d(c, pieces.let("w" + index, eager.weight(c))));
    activate(index, c.activation(), norms.normalise(index, c, x));
    return null;
  }

  @Override
  public Void maxPool(int index, Node.MaxPool p) {
    pieces.let(
        List.of(EagerSource.value(index), "indices" + index),
        "torch.max_pool2d_with_indices(%s)"
            .formatted(EagerSource.maxPoolArguments(EagerSource.value(p.input()), p)));
    return null;
  }

  @Override
  public Void add(int index, Node.Add a) {
    String branch = EagerSource.value(a.branch());
    String shortcut = EagerSource.value(a.shortcut());
    activate(index, a.activation(), "torch.add(%s, %s)".formatted(branch, shortcut));
    return null;
  }

  @Override
  public Void averagePool(int index, Node.AveragePool p) {
    return let(index, EagerSource.averagePool(EagerSource.value(p.input()), p));
  }

  @Override
  public Void concat(int index, Node.Concat c) {
    return let(
        index, EagerSource.concatenated(c.inputs().stream().map(EagerSource::value).toList()));
  }

  @Override
  public Void channelSlice(int index, Node.ChannelSlice s) {
    return let(index, EagerSource.slice(EagerSource.value(s.input()), s.from(), s.channels()));
  }

  @Override
  public Void channelShuffle(int index, Node.ChannelShuffle s) {
    String map = EagerSource.value(s.input());
    return let(index, EagerSource.shuffled(map, network.channels(s.input()), s.groups()));
  }

  @Override
  public Void squeezeExcitation(int index, Node.SqueezeExcitation s) {
    if (layout.trainsAffine(s)) {
      differentiable.add(index);
    }
    AffineSource affine = AffineSource.OF_STATE;
    String x = EagerSource.value(s.input());
    String mean = pieces.let("mean_in" + index, EagerSource.mean(x));
    String squeezed = pieces.let("squeezed" + index, affine.apply(s.squeeze(), mean));
    String active = EagerSource.activated(s.activation(), "torch.clone(%s)".formatted(squeezed));
    String hidden = pieces.let("hidden" + index, active);
    String excited = pieces.let("excited" + index, affine.apply(s.excite(), hidden));
    String gates = pieces.let("gates" + index, AffineSource.gate(s.gate(), excited));
    return let(index, EagerSource.excited(x, gates, s.channels(), eager.precision()));
  }

  @Override
  public Void globalAveragePool(int index, Node.GlobalAveragePool p) {
    return let(index, EagerSource.mean(EagerSource.value(p.input())));
  }

  @Override
  public Void dropout(int index, Node.Dropout d) {
    String out = EagerSource.value(index);
    pieces.lines(
        DropoutSource.BY_SEED.lines(out, EagerSource.value(d.input()), index, d),
        List.of(out + "_kept", out));
    return null;
  }

  @Override
  public Void linear(int index, Node.Linear l) {
    if (layout.trainsAffine(l)) {
      differentiable.add(index);
    }
    String in = EagerSource.value(l.input());
    activate(index, l.activation(), AffineSource.OF_STATE.apply(l.affine(), in));
    return null;
  }

  /** Computes a node's output from what it is before its activation, which is kept if needed. */
  private void activate(int i, Activation activation, String before) {
    boolean kept =
        switch (activation) {
          case NONE, RELU, RELU6 -> false;
          case HARDSWISH, SILU -> true;
        };
    String x = kept ? pieces.let("before" + i, before) : before;
    pieces.let(EagerSource.value(i), EagerSource.activated(activation, x));
  }
}
