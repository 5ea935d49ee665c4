package dev.octavo.cli;

import dev.octavo.OctavoException;
import dev.octavo.artifact.Artifacts;
import dev.octavo.artifact.Destination;
import dev.octavo.artifact.Destination.IfExists;
import dev.octavo.artifact.Destination.Input;
import dev.octavo.artifact.MissingPath;
import dev.octavo.bundle.ImageClassifier;
import dev.octavo.bundle.ModelBundle;
import dev.octavo.bundle.OnnxOptions;
import dev.octavo.dataset.DatasetArtifact;
import dev.octavo.spark.OctavoSession;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Checks of a command's files before Spark is started for them, which takes seconds. The stages
 * look again: they are used without commands, and what is there may change.
 */
final class Preflight {
  private final Configuration conf = OctavoSession.hadoopConfiguration();

  /**
   * Requires a model bundle.
   *
   * @throws OctavoException if there is none, or something else
   */
  Preflight model(Path directory) throws IOException {
    ModelBundle.open(conf, directory);
    return this;
  }

  /**
   * Requires a model bundle or an ONNX file.
   *
   * @param options for ONNX files
   * @throws OctavoException if there is neither
   */
  Preflight classifier(Path path, Optional<OnnxOptions> options) throws IOException {
    ImageClassifier.open(conf, path, options);
    return this;
  }

  /**
   * Requires a dataset.
   *
   * @throws OctavoException if there is none, or something else
   */
  Preflight dataset(Path directory) throws IOException {
    Path qualified = directory.getFileSystem(conf).makeQualified(directory);
    Artifacts.manifest(conf, qualified, DatasetArtifact.KIND);
    return this;
  }

  /**
   * Requires that a path exists, unless it is null.
   *
   * @param option that names it
   * @throws OctavoException.Usage if it doesn't
   */
  Preflight exists(String option, Path path) throws IOException {
    if (path != null) {
      FileSystem fs = path.getFileSystem(conf);
      if (!fs.exists(path)) {
        throw new OctavoException.Usage(
            "%s does not exist (option %s)%s".formatted(path, option, MissingPath.hint(fs, path)));
      }
    }
    return this;
  }

  /**
   * Requires that a result may be written.
   *
   * @throws OctavoException if something is in the way
   */
  Preflight target(Path out, String kind, IfExists ifExists, List<Input> inputs)
      throws IOException {
    Destination.check(conf, out, kind, ifExists, inputs);
    return this;
  }
}
