package dev.octavo.network;

/** Height and width of each node's output, given those of all nodes before. */
record SpatialSizes(int[] known, int imageSize) implements NodeVisitor<Integer> {
  private int of(int node) {
    return node == Node.PIXELS ? imageSize : known[node];
  }

  @Override
  public Integer convolution(int index, Node.Conv c) {
    return c.geometry().outputSize(of(c.input()));
  }

  @Override
  public Integer maxPool(int index, Node.MaxPool p) {
    return p.outputSize(of(p.input()));
  }

  @Override
  public Integer add(int index, Node.Add a) {
    return of(a.branch());
  }

  @Override
  public Integer averagePool(int index, Node.AveragePool p) {
    return p.outputSize(of(p.input()));
  }

  @Override
  public Integer concat(int index, Node.Concat c) {
    return of(c.inputs().get(0));
  }

  @Override
  public Integer channelSlice(int index, Node.ChannelSlice s) {
    return of(s.input());
  }

  @Override
  public Integer channelShuffle(int index, Node.ChannelShuffle s) {
    return of(s.input());
  }

  @Override
  public Integer squeezeExcitation(int index, Node.SqueezeExcitation s) {
    return of(s.input());
  }

  @Override
  public Integer globalAveragePool(int index, Node.GlobalAveragePool p) {
    return 1;
  }

  @Override
  public Integer dropout(int index, Node.Dropout d) {
    return of(d.input());
  }

  @Override
  public Integer linear(int index, Node.Linear l) {
    return 1;
  }
}
