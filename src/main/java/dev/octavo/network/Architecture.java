package dev.octavo.network;

import dev.octavo.OctavoException;
import dev.octavo.image.Preprocessing;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * A network that can be had with any number of classes.
 *
 * @param id its name on the command line and in manifests, torchvision's, as in {@code resnet50}
 * @param stages its parts from the pixels on, without the classifier, by the names that {@code
 *     --freeze} takes, each with the modules that it consists of
 * @param preprocessing of torchvision's first weights for it
 * @param builder makes the network for a number of classes
 */
public record Architecture(
    String id,
    Map<String, List<String>> stages,
    Preprocessing preprocessing,
    IntFunction<Network> builder) {
  private static final Preprocessing USUAL = Preprocessing.ofSize(224);

  /** Checks that nothing is missing. */
  public Architecture {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(stages, "stages");
    Objects.requireNonNull(preprocessing, "preprocessing");
    Objects.requireNonNull(builder, "builder");
  }

  /** For crops of 224 pixels out of 256, as most networks have been trained. */
  public Architecture(String id, Map<String, List<String>> stages, IntFunction<Network> builder) {
    this(id, stages, USUAL, builder);
  }

  /** The same, for the middle of images that are resized to another size before. */
  Architecture resizing(int resizeSize) {
    return new Architecture(
        id,
        stages,
        new Preprocessing(
            resizeSize,
            preprocessing.cropSize(),
            preprocessing.interpolation(),
            preprocessing.normalization()),
        builder);
  }

  /** The network with that many classes. */
  public Network network(int classes) {
    return builder.apply(classes);
  }

  /**
   * The modules that parts of the network consist of.
   *
   * @param parts names of stages, or of modules, which stand for themselves
   * @throws OctavoException.Usage if there is no such part
   */
  public List<String> modules(List<String> parts) {
    Set<String> parameters = network(1).parameterShapes().keySet();
    return parts.stream()
        .flatMap(
            part -> {
              if (stages.containsKey(part)) {
                return stages.get(part).stream();
              }
              if (parameters.stream().noneMatch(name -> name.startsWith(part + "."))) {
                throw new OctavoException.Usage(
                    "%s has no part '%s': choose of %s, or modules in these"
                        .formatted(id, part, String.join(", ", stages.keySet())));
              }
              return Stream.of(part);
            })
        .toList();
  }

  /**
   * The stage that a parameter belongs to, counted from the pixels on: 0 for the first, the number
   * of stages for the classifier.
   *
   * @param parameter its name, as in {@code layer1.0.conv1.weight}
   */
  public int stage(String parameter) {
    int index = 0;
    for (List<String> modules : stages.values()) {
      if (modules.stream().anyMatch(module -> parameter.startsWith(module + "."))) {
        return index;
      }
      index++;
    }
    return index;
  }

  /** The name. */
  @Override
  public String toString() {
    return id;
  }
}
