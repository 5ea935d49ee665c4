package dev.octavo.bundle;

import dev.octavo.image.Preprocessing;
import dev.octavo.metrics.Temperature;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A model that images can be classified with: a bundle, or an ONNX file. */
public sealed interface ImageClassifier permits ModelBundle, OnnxClassifier {
  /**
   * Opens what a user names: a file is taken for ONNX, anything else for a bundle.
   *
   * @param options for ONNX files
   * @throws dev.octavo.OctavoException if it is neither
   */
  static ImageClassifier open(Configuration conf, Path path, Optional<OnnxOptions> options)
      throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    return fs.exists(path) && fs.getFileStatus(path).isFile()
        ? OnnxClassifier.open(conf, path, options)
        : ModelBundle.open(conf, path);
  }

  /** The bundle's directory, or the file. */
  Path path();

  /** The hash of all that decides what it answers; starts with {@code sha256:}. */
  String id();

  /** Names in the order of the logits. */
  List<String> classes();

  /** The way from images to what it takes. */
  Preprocessing preprocessing();

  /** The divisor of its logits, {@link Temperature#ONE} where confidence was not calibrated. */
  Temperature temperature();

  /** The network's name, as far as it is known. */
  String networkName();

  /** The size of its file. */
  long fileBytes();
}
