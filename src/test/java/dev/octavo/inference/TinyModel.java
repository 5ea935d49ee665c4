package dev.octavo.inference;

import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.Precision;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.TestModels;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A ResNet-18 with random weights for small images, as a float bundle. */
public final class TinyModel {
  /** Height and width of its images. */
  public static final int IMAGE_SIZE = 64;

  private TinyModel() {}

  /** Writes the bundle. */
  public static Path publish(Path out, List<String> classes, long seed) throws IOException {
    Network network = ResNet.RESNET18.network(classes.size());
    try (Staging staging = Staging.open(new Configuration(), out, Staging.IfExists.FAIL)) {
      return BundleWriter.publish(
          staging,
          new BundleWriter.Content(
              new BundleWriter.Description(network, classes, IMAGE_SIZE, Precision.PORTABLE),
              ProgramWriter.portable(network, TestModels.weights(network, seed)),
              Map.of(),
              Map.of("seed", seed),
              Map.of()));
    }
  }
}
