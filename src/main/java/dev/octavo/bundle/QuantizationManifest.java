package dev.octavo.bundle;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The settings in a quantized bundle's manifest that say how it was made; {@link BundleManifest}
 * says how to run it.
 *
 * @param calibrationData what activation ranges were observed on: {@code train} or {@code random}
 * @param calibrationImages how many
 * @param calibrationSample a hash of the images' paths; empty for random input
 * @param seed of the choice of images
 * @param method how ranges were chosen, in the end
 * @param refinements what else was done, in the end
 * @param floatLayers convolutions whose output stays in float32
 * @param methodAskedFor method and refinements to begin with
 * @param maxDrop points of top-1 accuracy that the gate lets go
 * @param minAgreement fraction of the images on which the gate wants the float model's class
 * @param maxFloatLayers how many layers the search for a passing model may leave in float32
 */
@RecordBuilder
public record QuantizationManifest(
    String calibrationData,
    int calibrationImages,
    Optional<String> calibrationSample,
    long seed,
    String method,
    List<String> refinements,
    List<String> floatLayers,
    String methodAskedFor,
    double maxDrop,
    double minAgreement,
    int maxFloatLayers) {
  /** The {@link #calibrationData} that is no data. */
  public static final String RANDOM = "random";

  /** The refinement that gives the network other weights. */
  public static final String EQUALIZATION = "equalization";

  /** Copies the lists. */
  public QuantizationManifest {
    Objects.requireNonNull(calibrationData, "calibrationData");
    Objects.requireNonNull(calibrationSample, "calibrationSample");
    Objects.requireNonNull(method, "method");
    refinements = List.copyOf(refinements);
    floatLayers = List.copyOf(floatLayers);
    Objects.requireNonNull(methodAskedFor, "methodAskedFor");
  }

  /** Returns whether the ranges are those of other weights than the float model has. */
  public boolean isEqualized() {
    return refinements.contains(EQUALIZATION);
  }

  /**
   * Reads them from the manifest of the bundle in a directory; empty for a float model.
   *
   * @throws OctavoException if one is missing or wrong
   */
  public static Optional<QuantizationManifest> read(Manifest manifest, Path directory) {
    if (BundleManifest.read(manifest, directory).int8().isEmpty()) {
      return Optional.empty();
    }
    String source = new Path(directory, Manifest.FILE_NAME).toString();
    return Optional.of(RecordEntries.read(QuantizationManifest.class, manifest.settings(source)));
  }
}
