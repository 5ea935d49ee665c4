package dev.octavo.bundle;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Staging;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.network.Architectures;
import dev.octavo.network.Network;
import dev.octavo.tensor.StateDict;
import dev.octavo.weights.WeightFiles;
import dev.octavo.weights.WeightImport;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Publishes weights that are trained already as a float bundle, as they are; {@code jobs/train}
 * would train them on. Arguments: weights, network, image size, out, and a folder with one folder
 * per class or the names of the classes, separated by commas.
 */
public final class PublishWeights {
  private PublishWeights() {}

  /** Publishes. */
  public static void main(String[] args) throws IOException {
    List<String> classes = classes(args[4]);
    Network network = Architectures.of(args[1]).network(classes.size());
    StateDict weights = WeightFiles.read(java.nio.file.Path.of(args[0]));
    WeightImport.Result imported =
        WeightImport.into(network, weights, 0, WeightImport.Policy.REQUIRE_HALF);
    if (!imported.report().missing().isEmpty()) {
      throw new IllegalArgumentException(
          "%s lacks %s".formatted(args[0], imported.report().missing()));
    }
    Path out = new Path(args[3]);
    try (Staging staging =
        Staging.open(new Configuration(), out, "model", Destination.IfExists.FAIL, List.of())) {
      Path published =
          BundleWriter.publish(
              staging,
              new BundleWriter.Content(
                  new BundleWriter.Description(
                      network, classes, Preprocessing.ofSize(Integer.parseInt(args[2]))),
                  ProgramWriter.portable(network, imported.state(), Normalization.IMAGENET),
                  Map.of(),
                  Map.of("weights", args[0]),
                  Map.of()));
      System.err.println(published);
    }
  }

  private static List<String> classes(String argument) throws IOException {
    java.nio.file.Path folder = java.nio.file.Path.of(argument);
    if (!Files.isDirectory(folder)) {
      return Arrays.stream(argument.split(",", -1)).sorted().toList();
    }
    try (Stream<java.nio.file.Path> folders = Files.list(folder)) {
      return folders
          .filter(Files::isDirectory)
          .map(name -> name.getFileName().toString())
          .sorted()
          .toList();
    }
  }
}
