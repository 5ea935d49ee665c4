package dev.octavo.inference;

import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Staging;
import dev.octavo.bundle.BundleManifest;
import dev.octavo.bundle.BundleWriter;
import dev.octavo.bundle.BundleWriterContentBuilder;
import dev.octavo.bundle.CpuTarget;
import dev.octavo.bundle.ProgramWriter;
import dev.octavo.image.Normalization;
import dev.octavo.image.Preprocessing;
import dev.octavo.metrics.Temperature;
import dev.octavo.network.Network;
import dev.octavo.network.ResNet;
import dev.octavo.program.TestModels;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** A ResNet-18 with random weights for small images, as a float bundle. */
public final class TinyModel {
  /** Height and width of its images. */
  public static final int IMAGE_SIZE = 64;

  private static final List<String> INT8_CLASSES = List.of("a", "b", "c");

  private TinyModel() {}

  /** Writes the bundle. */
  public static Path publish(Path out, List<String> classes, long seed) throws IOException {
    return publish(out, classes, seed, Optional.empty());
  }

  /** Writes one whose confidence is calibrated. */
  public static Path publishCalibrated(
      Path out, List<String> classes, long seed, double temperature) throws IOException {
    return publish(out, classes, seed, Optional.of(new Temperature(temperature)));
  }

  private static Path publish(
      Path out, List<String> classes, long seed, Optional<Temperature> temperature)
      throws IOException {
    Network network = ResNet.RESNET18.network(classes.size());
    try (Staging staging =
        Staging.open(new Configuration(), out, "model", Destination.IfExists.FAIL, List.of())) {
      return BundleWriter.publish(
          staging,
          new BundleWriter.Content(
              new BundleWriter.Description(network, classes, Preprocessing.ofSize(IMAGE_SIZE))
                  .with(temperature),
              ProgramWriter.portable(
                  network, TestModels.weights(network, seed), Normalization.IMAGENET),
              Map.of(),
              Map.of("seed", seed),
              Map.of()));
    }
  }

  /** Writes an int8 bundle of three classes, {@code a} to {@code c}; one layer stays float32. */
  public static Path publishInt8(Path out, CpuTarget target, long seed) throws IOException {
    return publishInt8(out, target, seed, Optional.empty());
  }

  /** The same with a program in the place of the 7-bit variant. */
  public static Path publishInt8WithVariant(Path out, CpuTarget target, long seed)
      throws IOException {
    return publishInt8(out, target, seed, Optional.of(int8(target, seed + 1)));
  }

  private static ProgramWriter int8(CpuTarget target, long seed) throws IOException {
    return TestModels.int8(
        ResNet.RESNET18.network(INT8_CLASSES.size()), seed, target.operators(), IMAGE_SIZE);
  }

  private static Path publishInt8(
      Path out, CpuTarget target, long seed, Optional<ProgramWriter> variant) throws IOException {
    ProgramWriter program = int8(target, seed);
    try (Staging staging =
        Staging.open(new Configuration(), out, "model", Destination.IfExists.FAIL, List.of())) {
      return BundleWriter.publish(
          staging,
          BundleWriterContentBuilder.builder()
              .about(
                  new BundleWriter.Description(
                      ResNet.RESNET18.network(INT8_CLASSES.size()),
                      INT8_CLASSES,
                      Preprocessing.ofSize(IMAGE_SIZE),
                      Optional.of(new BundleManifest.Int8(target, variant.isPresent())),
                      Optional.empty()))
              .program(program)
              .variant(variant)
              .texts(Map.of())
              .parents(Map.of())
              .settings(Map.of())
              .figures(Map.of())
              .build());
    }
  }
}
