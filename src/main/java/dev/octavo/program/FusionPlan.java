package dev.octavo.program;

import dev.octavo.network.Network;
import dev.octavo.network.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The operations of a network after fusion: batch norm and ReLU belong to their convolution, and a
 * residual add to the convolution that ends its branch, which accumulates into the shortcut's
 * memory.
 *
 * @param steps in execution order; a step's {@code output} is the index of the network node whose
 *     value it produces
 */
record FusionPlan(List<Step> steps) {
  /** Where a convolution has nothing to add. */
  static final int NOTHING = -2;

  /** One fused operation. */
  sealed interface Step {
    /** The node whose value this step produces. */
    int output();
  }

  /**
   * Convolution, bias, the shortcut added in place unless it is {@link #NOTHING}, ReLU.
   *
   * @param conv geometry and names
   * @param shortcut the node whose value is added; its memory then holds the result
   * @param relu whether ReLU ends the step
   * @param output the node whose value this step produces
   */
  record Convolution(Node.Conv conv, int shortcut, boolean relu, int output) implements Step {
    boolean accumulates() {
      return shortcut != NOTHING;
    }
  }

  /** Everything else, unfused. */
  record Plain(Node node, int output) implements Step {}

  FusionPlan {
    steps = List.copyOf(steps);
  }

  /**
   * Plans a network.
   *
   * @throws IllegalArgumentException if a branch or a shortcut is read again after the add that
   *     overwrites it
   */
  static FusionPlan of(Network network) {
    List<Node> nodes = network.nodes();
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node instanceof Node.Conv conv) {
        if (!endsBranch(nodes, i)) {
          steps.add(new Convolution(conv, NOTHING, conv.relu(), i));
        }
      } else if (node instanceof Node.AddRelu add) {
        int last = i;
        if (!(nodes.get(add.branch()) instanceof Node.Conv conv)
            || conv.relu()
            || readers(nodes, add.branch()).size() != 1
            || readers(nodes, add.shortcut()).stream().anyMatch(reader -> reader > last)) {
          throw new IllegalArgumentException(
              "the residual add at node %d can't be fused".formatted(i));
        }
        steps.add(new Convolution(conv, add.shortcut(), true, i));
      } else {
        steps.add(new Plain(node, i));
      }
    }
    return new FusionPlan(steps);
  }

  private static boolean endsBranch(List<Node> nodes, int index) {
    return nodes.stream().anyMatch(n -> n instanceof Node.AddRelu add && add.branch() == index);
  }

  private static List<Integer> readers(List<Node> nodes, int index) {
    return IntStream.range(0, nodes.size())
        .filter(i -> nodes.get(i).inputs().contains(index))
        .boxed()
        .toList();
  }
}
