package dev.octavo.bundle;

import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The settings in the manifest of a float bundle that say for which int8 program it was trained.
 *
 * @param quantizationAware empty for a model that was trained without one in mind
 */
public record QuantizationAwareManifest(Optional<Ranges> quantizationAware) {
  /**
   * The source of the simulated program.
   *
   * @param bundle the int8 bundle whose ranges were taken
   * @param id of its manifest
   * @param target the CPUs that the program is for
   * @param calibration how the ranges were found
   */
  public record Ranges(
      Path bundle, String id, CpuTarget target, QuantizationManifest calibration) {}

  /**
   * Reads them from the manifest of the bundle in a directory.
   *
   * @throws dev.octavo.OctavoException if one is missing or wrong
   */
  public static Optional<Ranges> read(Manifest manifest, Path directory) {
    String source = new Path(directory, Manifest.FILE_NAME).toString();
    return RecordEntries.read(QuantizationAwareManifest.class, manifest.settings(source))
        .quantizationAware();
  }
}
