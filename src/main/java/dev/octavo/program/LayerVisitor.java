package dev.octavo.program;

/**
 * A case for each type of layer.
 *
 * @param <R> what comes out
 */
public interface LayerVisitor<R> {
  /** For a convolution. */
  R convolution(Layer.Convolution layer);

  /** For a maximum over windows. */
  R maxPool(Layer.MaxPool layer);

  /** For a sum that no convolution takes over. */
  R sum(Layer.Sum layer);

  /** For a mean over windows. */
  R averagePool(Layer.AveragePool layer);

  /** For channels of several feature maps. */
  R concat(Layer.Concat layer);

  /** For some of the channels. */
  R channelSlice(Layer.ChannelSlice layer);

  /** For channels in another order. */
  R channelShuffle(Layer.ChannelShuffle layer);

  /** For a squeeze-and-excitation block. */
  R squeezeExcitation(Layer.SqueezeExcitation layer);

  /** For a mean over height and width. */
  R globalAveragePool(Layer.GlobalAveragePool layer);

  /** For a linear layer. */
  R linear(Layer.Linear layer);
}
