package dev.octavo.network;

import java.util.List;

/**
 * One operation. {@code input} fields are indices of earlier nodes in {@link Network#nodes()};
 * {@link #PIXELS} is the network's input. Feature maps are {@code [N, C, H, W]}, channels-last in
 * memory.
 */
public sealed interface Node {
  /** The index that stands for the normalised pixels. */
  int PIXELS = -1;

  /** The nodes that this one reads. */
  List<Integer> inputs();

  /**
   * Convolution without bias, then batch norm, then ReLU where {@code relu} says so.
   *
   * @param name of the convolution's weight, as in {@code layer1.0.conv1}
   * @param norm name of the batch norm, as in {@code layer1.0.bn1}
   * @param input the node it reads
   * @param inChannels channels in
   * @param outChannels channels out
   * @param kernel height and width of the kernel
   * @param stride step of the kernel
   * @param padding zeros (of the normalised input) added on each side
   * @param relu whether ReLU follows
   */
  record Conv(
      String name,
      String norm,
      int input,
      int inChannels,
      int outChannels,
      int kernel,
      int stride,
      int padding,
      boolean relu)
      implements Node {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /**
   * Maximum over windows.
   *
   * @param input the node it reads
   * @param kernel window's height and width
   * @param stride step
   * @param padding of minus infinity on each side
   */
  record MaxPool(int input, int kernel, int stride, int padding) implements Node {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /**
   * Residual connection: {@code relu(branch + shortcut)}.
   *
   * @param branch the node whose output the block computed
   * @param shortcut the node that bypasses it
   */
  record AddRelu(int branch, int shortcut) implements Node {
    @Override
    public List<Integer> inputs() {
      return List.of(branch, shortcut);
    }
  }

  /**
   * Mean over height and width, flattened to {@code [N, C]}.
   *
   * @param input the node it reads
   */
  record GlobalAveragePool(int input) implements Node {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }

  /**
   * Affine map to the logits, {@code [N, in]} to {@code [N, out]}.
   *
   * @param name of weight and bias, as in {@code fc}
   * @param input the node it reads
   * @param in features
   * @param out classes
   */
  record Linear(String name, int input, int in, int out) implements Node {
    @Override
    public List<Integer> inputs() {
      return List.of(input);
    }
  }
}
