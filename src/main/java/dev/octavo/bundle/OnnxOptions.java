package dev.octavo.bundle;

import dev.octavo.image.PreprocessingOverrides;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * The facts about a model that an ONNX file lacks, unless Octavo wrote it.
 *
 * @param classes a text file of names, one a line, in the order of the logits
 * @param preprocessing from images to what the model takes
 */
public record OnnxOptions(Optional<Path> classes, PreprocessingOverrides preprocessing) {
  /** Nothing said. */
  public static final OnnxOptions NONE =
      new OnnxOptions(Optional.empty(), PreprocessingOverrides.NONE);

  /** Checks that nothing is missing. */
  public OnnxOptions {
    Objects.requireNonNull(classes, "classes");
    Objects.requireNonNull(preprocessing, "preprocessing");
  }
}
