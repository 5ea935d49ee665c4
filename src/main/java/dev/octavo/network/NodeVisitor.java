package dev.octavo.network;

/**
 * A case for each type of node.
 *
 * @param <R> what comes out
 */
public interface NodeVisitor<R> {
  /** For a convolution. */
  R convolution(int index, Node.Conv conv);

  /** For a maximum over windows. */
  R maxPool(int index, Node.MaxPool pool);

  /** For a sum. */
  R add(int index, Node.Add add);

  /** For a mean over windows. */
  R averagePool(int index, Node.AveragePool pool);

  /** For channels of several feature maps. */
  R concat(int index, Node.Concat concat);

  /** For some of the channels. */
  R channelSlice(int index, Node.ChannelSlice slice);

  /** For channels in another order. */
  R channelShuffle(int index, Node.ChannelShuffle shuffle);

  /** For a squeeze-and-excitation block. */
  R squeezeExcitation(int index, Node.SqueezeExcitation block);

  /** For a mean over height and width. */
  R globalAveragePool(int index, Node.GlobalAveragePool pool);

  /** For dropout. */
  R dropout(int index, Node.Dropout dropout);

  /** For a linear layer. */
  R linear(int index, Node.Linear linear);
}
