package dev.octavo.program;

import dev.octavo.network.Activation;
import dev.octavo.network.Node;
import java.util.List;

/**
 * One operation of a {@link FusedNetwork}. A value is known by the index of the network's node that
 * it is the output of.
 */
public sealed interface Layer {
  /** The value that it computes. */
  int output();

  /** The values that it reads. */
  List<Integer> inputs();

  /** A name for people and options. */
  String name();

  /** The range of the values that it computes. */
  Range range();

  /** Returns whether its output has a range of its own. */
  default boolean hasOwnRange() {
    return range() == Range.OWN;
  }

  /** The range of the values that a layer computes, by which they become codes. */
  enum Range {
    /** Its own. */
    OWN,
    /** That of what it reads. */
    OF_INPUT,
    /** One for all that it reads and its output, so that codes are joined as they are. */
    SHARED,
    /** None: they are float32 in every program. */
    NONE
  }

  /** Calls the visitor's method for this type of layer. */
  <R> R accept(LayerVisitor<R> visitor);

  /** A layer that reads one value. */
  sealed interface Unary extends Layer {
    /** The value that it reads. */
    int input();

    @Override
    default List<Integer> inputs() {
      return List.of(input());
    }
  }

  /**
   * Convolution and bias, then the shortcut added if there is one, then the activation.
   *
   * @param conv geometry and names
   * @param branch the value of the convolution alone
   * @param input the value it reads
   * @param shortcut the value that is added, whose memory then holds the result; null for none
   * @param activation what ends the layer
   * @param output the value that it computes; without a shortcut the same as {@code branch}
   */
  record Convolution(
      Node.Conv conv, int branch, int input, Integer shortcut, Activation activation, int output)
      implements Layer {
    /** Returns whether there is a shortcut. */
    public boolean accumulates() {
      return shortcut != null;
    }

    @Override
    public List<Integer> inputs() {
      return accumulates() ? List.of(input, shortcut) : List.of(input);
    }

    @Override
    public String name() {
      return conv.name();
    }

    @Override
    public Range range() {
      return Range.OWN;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.convolution(this);
    }
  }

  /**
   * Maximum over windows.
   *
   * @param pool the window
   * @param input the value it reads
   * @param output the value that it computes
   */
  record MaxPool(Node.MaxPool pool, int input, int output) implements Unary {
    @Override
    public String name() {
      return "max pool " + output;
    }

    @Override
    public Range range() {
      return Range.OF_INPUT;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.maxPool(this);
    }
  }

  /**
   * Sum of two values, then an activation.
   *
   * @param left one value
   * @param right another one
   * @param activation what ends the layer
   * @param output the value that it computes
   */
  record Sum(int left, int right, Activation activation, int output) implements Layer {
    @Override
    public List<Integer> inputs() {
      return List.of(left, right);
    }

    @Override
    public String name() {
      return "sum " + output;
    }

    @Override
    public Range range() {
      return Range.OWN;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.sum(this);
    }
  }

  /**
   * Mean over windows.
   *
   * @param pool the window
   * @param input the value it reads
   * @param output the value that it computes
   */
  record AveragePool(Node.AveragePool pool, int input, int output) implements Unary {
    @Override
    public String name() {
      return "mean of windows " + output;
    }

    @Override
    public Range range() {
      return Range.OF_INPUT;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.averagePool(this);
    }
  }

  /**
   * Channels of several values.
   *
   * @param inputs the values it reads
   * @param output the value that it computes
   */
  record Concat(List<Integer> inputs, int output) implements Layer {
    @Override
    public String name() {
      return "concat " + output;
    }

    @Override
    public Range range() {
      return Range.SHARED;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.concat(this);
    }
  }

  /**
   * Some of the channels, in the memory of what it reads.
   *
   * @param slice which
   * @param input the value it reads
   * @param output the value that it computes
   */
  record ChannelSlice(Node.ChannelSlice slice, int input, int output) implements Unary {
    @Override
    public String name() {
      return "channels " + output;
    }

    @Override
    public Range range() {
      return Range.OF_INPUT;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.channelSlice(this);
    }
  }

  /**
   * Channels in another order.
   *
   * @param shuffle the order
   * @param channels how many
   * @param input the value it reads
   * @param output the value that it computes
   */
  record ChannelShuffle(Node.ChannelShuffle shuffle, int channels, int input, int output)
      implements Unary {
    @Override
    public String name() {
      return "shuffle " + output;
    }

    @Override
    public Range range() {
      return Range.OF_INPUT;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.channelShuffle(this);
    }
  }

  /**
   * Squeeze and excitation.
   *
   * @param block names, sizes and functions
   * @param input the value it reads
   * @param output the value that it computes
   */
  record SqueezeExcitation(Node.SqueezeExcitation block, int input, int output) implements Unary {
    @Override
    public String name() {
      return block.name();
    }

    @Override
    public Range range() {
      return Range.OWN;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.squeezeExcitation(this);
    }
  }

  /**
   * Mean over height and width.
   *
   * @param input the value it reads
   * @param output the value that it computes
   */
  record GlobalAveragePool(int input, int output) implements Unary {
    @Override
    public String name() {
      return "average pool " + output;
    }

    @Override
    public Range range() {
      return Range.OF_INPUT;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.globalAveragePool(this);
    }
  }

  /**
   * Affine map, then an activation.
   *
   * @param linear names and sizes
   * @param input the value it reads
   * @param output the value that it computes
   */
  record Linear(Node.Linear linear, int input, int output) implements Unary {
    @Override
    public String name() {
      return linear.name();
    }

    @Override
    public Range range() {
      return Range.NONE;
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.linear(this);
    }
  }
}
