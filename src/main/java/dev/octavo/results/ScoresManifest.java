package dev.octavo.results;

import dev.octavo.OctavoException.InvalidSetting;
import dev.octavo.artifact.Manifest;
import dev.octavo.artifact.RecordEntries;
import dev.octavo.bundle.OnnxOptions;
import dev.octavo.image.codec.DecodeLimits;
import dev.octavo.inference.Outputs;
import dev.octavo.program.Precision;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The settings in the manifest of scores: all that decides the predictions.
 *
 * @param models the bundles' directories and the ONNX files, in the order of the command line
 * @param source of the images
 * @param outputs what a prediction holds
 * @param precision of float models
 * @param limits on files and images
 * @param onnx what was said of ONNX files
 */
public record ScoresManifest(
    List<String> models,
    InputSource source,
    Outputs outputs,
    Precision precision,
    DecodeLimits limits,
    Optional<OnnxOptions> onnx) {
  /** Checks that nothing is missing. */
  public ScoresManifest {
    models = List.copyOf(models);
    InvalidSetting.require(!models.isEmpty(), "models", models, "a list of one model or more");
    Objects.requireNonNull(source, "source");
    Objects.requireNonNull(outputs, "outputs");
    Objects.requireNonNull(precision, "precision");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(onnx, "onnx");
  }

  /**
   * Reads them from the manifest of the scores in a directory.
   *
   * @throws dev.octavo.OctavoException if one is missing or wrong
   */
  public static ScoresManifest read(Manifest manifest, Path directory) {
    String source = new Path(directory, Manifest.FILE_NAME).toString();
    return RecordEntries.read(ScoresManifest.class, manifest.settings(source));
  }
}
