package dev.octavo.network;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * A network that can be had with any number of classes.
 *
 * @param id its name on the command line and in manifests, torchvision's, as in {@code resnet50}
 * @param stages its parts from the pixels on, without the classifier, by the names that {@code
 *     --freeze} takes, each with the modules that it consists of
 * @param builder makes the network for a number of classes
 */
public record Architecture(
    String id, Map<String, List<String>> stages, IntFunction<Network> builder) {
  /** Checks that nothing is missing. */
  public Architecture {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(stages, "stages");
    Objects.requireNonNull(builder, "builder");
  }

  /** The network with that many classes. */
  public Network network(int classes) {
    return builder.apply(classes);
  }

  /** The name. */
  @Override
  public String toString() {
    return id;
  }
}
