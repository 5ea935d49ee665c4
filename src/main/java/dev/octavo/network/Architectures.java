package dev.octavo.network;

import dev.octavo.OctavoException;
import java.util.List;
import java.util.stream.Stream;

/** The registry of all networks that there are. */
public final class Architectures {
  private static final List<Architecture> ALL =
      Stream.of(
              ResNet.ALL,
              MobileNetV2.ALL,
              MobileNetV3.ALL,
              RegNet.ALL,
              EfficientNet.ALL,
              ShuffleNetV2.ALL,
              GoogLeNet.ALL,
              InceptionV3.ALL)
          .flatMap(List::stream)
          .toList();

  private Architectures() {}

  /** All networks. */
  public static List<Architecture> all() {
    return ALL;
  }

  /** Their names. */
  public static List<String> ids() {
    return ALL.stream().map(Architecture::id).toList();
  }

  /**
   * The network of that name.
   *
   * @throws OctavoException.Usage if there is none
   */
  public static Architecture of(String id) {
    return ALL.stream()
        .filter(architecture -> architecture.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new OctavoException.Usage(
                    "unknown network '%s': choose one of %s"
                        .formatted(id, String.join(", ", ids()))));
  }
}
