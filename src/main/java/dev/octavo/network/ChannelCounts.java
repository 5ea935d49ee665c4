package dev.octavo.network;

/** Channels of each node's output, given those of all nodes before. */
record ChannelCounts(int[] known) implements NodeVisitor<Integer> {
  private int of(int reader, int node) {
    if (node >= reader || node < Node.PIXELS) {
      throw new IllegalArgumentException("node %d can't read node %d".formatted(reader, node));
    }
    return node == Node.PIXELS ? Network.RGB : known[node];
  }

  private void require(int reads, int index, int input, String name) {
    int given = of(index, input);
    if (reads != given) {
      throw new IllegalArgumentException(
          "%s (node %d) reads %d channels, but there are %d".formatted(name, index, reads, given));
    }
  }

  @Override
  public Integer convolution(int index, Node.Conv c) {
    require(c.inChannels(), index, c.input(), c.name());
    return c.outChannels();
  }

  @Override
  public Integer maxPool(int index, Node.MaxPool p) {
    return of(index, p.input());
  }

  @Override
  public Integer add(int index, Node.Add a) {
    require(of(index, a.branch()), index, a.shortcut(), "a sum");
    return of(index, a.branch());
  }

  @Override
  public Integer averagePool(int index, Node.AveragePool p) {
    return of(index, p.input());
  }

  @Override
  public Integer concat(int index, Node.Concat c) {
    return c.inputs().stream().mapToInt(input -> of(index, input)).sum();
  }

  @Override
  public Integer channelSlice(int index, Node.ChannelSlice s) {
    int given = of(index, s.input());
    if (s.from() < 0 || s.channels() < 1 || s.from() + s.channels() > given) {
      throw new IllegalArgumentException(
          "node %d takes channels %d to %d, but there are %d"
              .formatted(index, s.from(), s.from() + s.channels() - 1, given));
    }
    return s.channels();
  }

  @Override
  public Integer channelShuffle(int index, Node.ChannelShuffle s) {
    int given = of(index, s.input());
    if (given % s.groups() != 0) {
      throw new IllegalArgumentException(
          "node %d shuffles %d channels, which can't be divided into %d groups"
              .formatted(index, given, s.groups()));
    }
    return given;
  }

  @Override
  public Integer squeezeExcitation(int index, Node.SqueezeExcitation s) {
    require(s.channels(), index, s.input(), s.name());
    return s.channels();
  }

  @Override
  public Integer globalAveragePool(int index, Node.GlobalAveragePool p) {
    return of(index, p.input());
  }

  @Override
  public Integer dropout(int index, Node.Dropout d) {
    return of(index, d.input());
  }

  @Override
  public Integer linear(int index, Node.Linear l) {
    require(l.in(), index, l.input(), l.name());
    return l.out();
  }
}
