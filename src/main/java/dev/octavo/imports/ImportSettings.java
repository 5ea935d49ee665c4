package dev.octavo.imports;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Architecture;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.fs.Path;

/**
 * The settings of an import.
 *
 * @param weights a weight file
 * @param network the architecture that it was trained with
 * @param classes what names the classes
 * @param preprocessing from images to what the network was trained on
 * @param out where the model bundle goes
 * @param ifExists what to do if something is there
 */
public record ImportSettings(
    Path weights,
    Architecture network,
    Classes classes,
    Preprocessing preprocessing,
    Path out,
    Destination.IfExists ifExists) {
  /** The source of the names of the classes. */
  public sealed interface Classes {
    /**
     * A text file.
     *
     * @param list one name a line, in the order of the logits
     */
    record Listed(Path list) implements Classes {}

    /**
     * A dataset with the images that the model was trained on, or others of the same classes.
     *
     * @param dataset whose classes, sorted, are in the order of the logits
     */
    record OfDataset(Path dataset) implements Classes {}
  }

  /** Checks that nothing is missing. */
  public ImportSettings {
    Objects.requireNonNull(weights, "weights");
    Objects.requireNonNull(network, "network");
    Objects.requireNonNull(classes, "classes");
    Objects.requireNonNull(preprocessing, "preprocessing");
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(ifExists, "ifExists");
  }

  /** The inputs that are read. */
  public List<Input> inputs() {
    Input named =
        classes instanceof Classes.Listed listed
            ? Input.of("--classes", listed.list())
            : Input.of("--data", ((Classes.OfDataset) classes).dataset());
    return List.of(Input.of("--weights", weights), named);
  }
}
