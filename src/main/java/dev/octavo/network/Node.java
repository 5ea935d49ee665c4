package dev.octavo.network;

import java.util.List;

/**
 * One operation. {@code input} fields are indices of earlier nodes in {@link Network#nodes()};
 * {@link #PIXELS} is the network's input. Feature maps are {@code [N, C, H, W]}, channels-last in
 * memory.
 *
 * <p>Whoever treats nodes by their type does so with a {@link NodeVisitor}, so that a new type
 * doesn't compile before all of them know it.
 */
public sealed interface Node {
  /** The index that stands for the normalised pixels. */
  int PIXELS = -1;

  /** The nodes that this one reads. */
  List<Integer> inputs();

  /**
   * Calls the visitor's method for this type of node.
   *
   * @param index this node's in {@link Network#nodes()}
   */
  <R> R accept(int index, NodeVisitor<R> visitor);

  /** The affine maps that are part of this node. */
  default List<Affine> affines() {
    return List.of();
  }

  /** A node that reads one other. */
  sealed interface Unary extends Node {
    /** The node that it reads. */
    int input();

    @Override
    default List<Integer> inputs() {
      return List.of(input());
    }
  }

  /**
   * Convolution without bias, then batch norm, then an activation.
   *
   * @param name of the convolution's weight, as in {@code layer1.0.conv1}
   * @param norm the batch norm
   * @param input the node it reads
   * @param inChannels channels in
   * @param outChannels channels out
   * @param geometry of the window
   * @param activation what follows batch norm
   */
  record Conv(
      String name,
      BatchNorm norm,
      int input,
      int inChannels,
      int outChannels,
      Geometry geometry,
      Activation activation)
      implements Unary {
    /** Checks that the groups divide the channels. */
    public Conv {
      if (inChannels % geometry.groups() != 0 || outChannels % geometry.groups() != 0) {
        throw new IllegalArgumentException(
            "%s: %d and %d channels can't be divided into %d groups"
                .formatted(name, inChannels, outChannels, geometry.groups()));
      }
    }

    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.convolution(index, this);
    }

    /** Shape of the weight, {@code [out, in / groups, height, width]} of the kernel. */
    public long[] weightShape() {
      return new long[] {
        outChannels,
        inChannels / geometry.groups(),
        geometry.kernel().height(),
        geometry.kernel().width()
      };
    }

    /** Weights of one output channel: input channels of its group times taps of the window. */
    public int weightsPerOutput() {
      return inChannels / geometry.groups() * geometry.taps();
    }

    /** The first input channel that an output channel reads. */
    public int firstInput(int outChannel) {
      int group = outChannel / (outChannels / geometry.groups());
      return group * (inChannels / geometry.groups());
    }
  }

  /**
   * Maximum over windows.
   *
   * @param input the node it reads
   * @param kernel window's height and width
   * @param stride step
   * @param padding of minus infinity on each side
   * @param rounding of the output's height and width
   */
  record MaxPool(int input, int kernel, int stride, int padding, Rounding rounding)
      implements Unary {
    /** The fate of windows that reach over the padded edge. */
    public enum Rounding {
      /** There are none. */
      FLOOR,
      /** One is allowed if it starts within the input or the padding before it. */
      CEIL
    }

    /** Of windows within the padded input. */
    public MaxPool(int input, int kernel, int stride, int padding) {
      this(input, kernel, stride, padding, Rounding.FLOOR);
    }

    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.maxPool(index, this);
    }

    /** Height and width of the output for an input of that height and width. */
    public int outputSize(int inputSize) {
      int steps = inputSize + 2 * padding - kernel;
      int size = steps / stride + 1;
      boolean another =
          rounding == Rounding.CEIL && steps % stride != 0 && size * stride < inputSize + padding;
      return another ? size + 1 : size;
    }
  }

  /**
   * Mean over windows, in which the padding counts.
   *
   * @param input the node it reads
   * @param kernel window's height and width
   * @param stride step
   * @param padding zeros on each side
   */
  record AveragePool(int input, int kernel, int stride, int padding) implements Unary {
    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.averagePool(index, this);
    }

    /** Height and width of the output for an input of that height and width. */
    public int outputSize(int inputSize) {
      return (inputSize + 2 * padding - kernel) / stride + 1;
    }
  }

  /**
   * Sum of two feature maps, then an activation.
   *
   * @param branch the node whose output the block computed
   * @param shortcut the node that bypasses it
   * @param activation what follows
   */
  record Add(int branch, int shortcut, Activation activation) implements Node {
    @Override
    public List<Integer> inputs() {
      return List.of(branch, shortcut);
    }

    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.add(index, this);
    }
  }

  /**
   * The channels of several feature maps of one size, one after the other.
   *
   * @param inputs the nodes it reads
   */
  record Concat(List<Integer> inputs) implements Node {
    /** Copies the list. */
    public Concat {
      inputs = List.copyOf(inputs);
    }

    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.concat(index, this);
    }
  }

  /**
   * Neighbouring channels of a feature map.
   *
   * @param input the node it reads
   * @param from the first channel
   * @param channels how many
   */
  record ChannelSlice(int input, int from, int channels) implements Unary {
    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.channelSlice(index, this);
    }
  }

  /**
   * The channels in turn from each of equal groups: with {@code C} channels, those of the output
   * are {@code 0, C / groups, 2 C / groups, ..., 1, C / groups + 1, ...} of the input.
   *
   * @param input the node it reads
   * @param groups that take turns
   */
  record ChannelShuffle(int input, int groups) implements Unary {
    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.channelShuffle(index, this);
    }
  }

  /**
   * Squeeze and excitation (Hu et al., "Squeeze-and-Excitation Networks", 2018): each channel of
   * {@code x} times {@code gate(excite(activation(squeeze(mean(x)))))}, with the mean over height
   * and width.
   *
   * @param name as in {@code features.4.block.2}
   * @param input the node it reads
   * @param channels in and out
   * @param squeezed channels between the two affine maps
   * @param activation what follows the first one
   * @param gate what follows the second one
   */
  record SqueezeExcitation(
      String name, int input, int channels, int squeezed, Activation activation, Gate gate)
      implements Unary {
    /** The first affine map. */
    public Affine squeeze() {
      return new Affine(name + ".fc1", channels, squeezed, Affine.Form.POINTWISE_CONVOLUTION);
    }

    /** The second affine map. */
    public Affine excite() {
      return new Affine(name + ".fc2", squeezed, channels, Affine.Form.POINTWISE_CONVOLUTION);
    }

    @Override
    public List<Affine> affines() {
      return List.of(squeeze(), excite());
    }

    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.squeezeExcitation(index, this);
    }
  }

  /**
   * Mean over height and width, flattened to {@code [N, C]}.
   *
   * @param input the node it reads
   */
  record GlobalAveragePool(int input) implements Unary {
    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.globalAveragePool(index, this);
    }
  }

  /**
   * Elements or images set to zero at random while training, and the others scaled so that the mean
   * stays; otherwise the identity.
   *
   * @param input the node it reads
   * @param probability of being set to zero, at least 0 and below 1
   * @param unit what is set to zero together
   */
  record Dropout(int input, double probability, Unit unit) implements Unary {
    /** The values that are set to zero together. */
    public enum Unit {
      /** Each element of a vector by itself (Srivastava et al., "Dropout", 2014). */
      ELEMENT,
      /** All of an image: stochastic depth (Huang et al., 2016) where it ends a branch. */
      IMAGE
    }

    /** Of single elements. */
    public Dropout(int input, double probability) {
      this(input, probability, Unit.ELEMENT);
    }

    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.dropout(index, this);
    }
  }

  /**
   * Affine map, {@code [N, in]} to {@code [N, out]}, then an activation.
   *
   * @param name of weight and bias, as in {@code fc}
   * @param input the node it reads
   * @param in features
   * @param out features, or classes
   * @param activation what follows
   */
  record Linear(String name, int input, int in, int out, Activation activation) implements Unary {
    /** Without activation, as a classifier is. */
    public Linear(String name, int input, int in, int out) {
      this(name, input, in, out, Activation.NONE);
    }

    /** Names and sizes. */
    public Affine affine() {
      return new Affine(name, in, out, Affine.Form.LINEAR);
    }

    @Override
    public List<Affine> affines() {
      return List.of(affine());
    }

    @Override
    public <R> R accept(int index, NodeVisitor<R> visitor) {
      return visitor.linear(index, this);
    }
  }
}
