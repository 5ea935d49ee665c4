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
 * @param nodes the operations in execution order; the last gives the logits
 */
public record Network(String name, int classes, List<Node> nodes) {
  /** Copies the list. */
  public Network {
    Objects.requireNonNull(name, "name");
    nodes = List.copyOf(nodes);
  }

  /**
   * The parameters (what training changes) by torchvision name, in torchvision's order: shapes as
   * PyTorch has them, convolutions {@code [out, in, kernel, kernel]}.
   */
  public Map<String, long[]> parameterShapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (Node node : nodes) {
      if (node instanceof Node.Conv c) {
        shapes.put(c.name() + ".weight", convShape(c));
        shapes.put(c.norm() + ".weight", new long[] {c.outChannels()});
        shapes.put(c.norm() + ".bias", new long[] {c.outChannels()});
      } else if (node instanceof Node.Linear l) {
        shapes.put(l.name() + ".weight", new long[] {l.out(), l.in()});
        shapes.put(l.name() + ".bias", new long[] {l.out()});
      }
    }
    return shapes;
  }

  /**
   * The buffers (running statistics of batch norm) by torchvision name; a scalar has an empty
   * shape.
   */
  public Map<String, long[]> bufferShapes() {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (Node node : nodes) {
      if (node instanceof Node.Conv c) {
        shapes.put(c.norm() + ".running_mean", new long[] {c.outChannels()});
        shapes.put(c.norm() + ".running_var", new long[] {c.outChannels()});
        shapes.put(c.norm() + ".num_batches_tracked", new long[] {});
      }
    }
    return shapes;
  }

  /** Parameters and buffers together in the order of torchvision's {@code state_dict()}. */
  public Map<String, long[]> stateShapes() {
    Map<String, long[]> parameters = parameterShapes();
    Map<String, long[]> buffers = bufferShapes();
    Map<String, long[]> all = new LinkedHashMap<>();
    parameters.forEach(
        (name, shape) -> {
          all.put(name, shape);
          if (name.endsWith(".bias")) {
            String norm = name.substring(0, name.length() - ".bias".length());
            for (String buffer : List.of(".running_mean", ".running_var", ".num_batches_tracked")) {
              long[] bufferShape = buffers.get(norm + buffer);
              if (bufferShape != null) {
                all.put(norm + buffer, bufferShape);
              }
            }
          }
        });
    return all;
  }

  /** The last node, which gives the logits. */
  public Node.Linear classifier() {
    return (Node.Linear) nodes.get(nodes.size() - 1);
  }

  /** The same network with another number of classes. */
  public Network withClasses(int otherClasses) {
    List<Node> changed =
        nodes.stream()
            .map(
                n ->
                    n instanceof Node.Linear l
                        ? new Node.Linear(l.name(), l.input(), l.in(), otherClasses)
                        : n)
            .toList();
    return new Network(name, otherClasses, changed);
  }

  private static long[] convShape(Node.Conv c) {
    return new long[] {c.outChannels(), c.inChannels(), c.kernel(), c.kernel()};
  }
}
